namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Runs a command to its end: input in, both outputs out, within its time and its limits.</summary>
internal sealed class CommandRun(SSHProcess process, Endpoint endpoint, SSHCommandOptions options, SudoDialogue? sudo, TimeProvider clock)
{
    private static readonly TimeSpan Farewell = TimeSpan.FromMilliseconds(250);

    private readonly CappedOutput _stdout = new(options.MaxOutputBytes);
    private readonly CappedOutput _stderr = new(options.MaxOutputBytes);

    public async Task<SSHCommandResult> RunAsync(long startedAt, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = new CancellationTokenSource(options.Timeout, clock);
        using var onTimeout = timer.Token.UnsafeRegister(static stop => ((CancellationTokenSource)stop!).Cancel(), stop);
        try
        {
            var input = FeedAsync(stop.Token);
            var error = sudo is null ? _stderr.ReadAsync(process.StandardError, stop.Token) : sudo.ReadAsync(process, _stderr, stop.Token);
            var output = _stdout.ReadAsync(process.StandardOutput, stop.Token);
            // The first to fail ends the others: a command that has gone wrong may otherwise wait forever for its input.
            await foreach (var part in Task.WhenEach(error, output).ConfigureAwait(false))
            {
                if (!await part.ConfigureAwait(false))
                    throw TooLarge();
            }
            var exit = await process.WaitAsync(stop.Token).ConfigureAwait(false);
            await stop.CancelAsync().ConfigureAwait(false);
            await input.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return new SSHCommandResult(endpoint, exit, _stdout.Bytes, _stderr.Bytes, clock.GetElapsedTime(startedAt));
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw await TimedOutAsync().ConfigureAwait(false);
        }
        catch
        {
            process.Signal("TERM");
            // A signal right before the close of its channel is lost now and then: who heeds it is given the time to.
            await Task.WhenAny(process.WaitAsync(CancellationToken.None), Task.Delay(Farewell, clock, CancellationToken.None)).ConfigureAwait(false);
            throw;
        }
    }

    private async Task FeedAsync(CancellationToken cancellationToken)
    {
        if (sudo is not null)
            await sudo.HasBegun.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (options.StandardInput is { } source)
                await source.CopyToAsync(process.StandardInput, 64 * 1024, cancellationToken).ConfigureAwait(false);
            await process.StandardInput.DisposeAsync().ConfigureAwait(false);
        }
        catch (SSHException)
        {
            // A command may end without having read all of it.
        }
    }

    private async Task<NetworkException> TimedOutAsync()
    {
        process.Signal(options.TimeoutSignal);
        var how = "its channel was closed";
        try
        {
            var exit = await process.WaitAsync(CancellationToken.None).WaitAsync(options.TimeoutGrace, clock).ConfigureAwait(false);
            how = $"it ended with {exit}";
        }
        catch (Exception error) when (error is TimeoutException or NetworkException)
        {
            process.Signal("KILL");
        }
        return new NetworkFailure
        {
            Code = ErrorCodes.TimeoutTotal,
            Message = $"A command on {endpoint} ran longer than {options.Timeout.TotalSeconds:0.###} s; it got the signal {options.TimeoutSignal}, and {how}.",
            Phase = NetworkPhase.Receive,
            Endpoint = endpoint,
            WasSent = WasSent.Yes,
        }.ToException();
    }

    private NetworkException TooLarge() => new NetworkFailure
    {
        Code = ErrorCodes.SshOutputTooLarge,
        Message = $"A command on {endpoint} wrote more than {options.MaxOutputBytes} bytes to one of its streams (SSHCommandOptions.MaxOutputBytes).",
        Phase = NetworkPhase.Receive,
        Endpoint = endpoint,
        WasSent = WasSent.Yes,
    }.ToException();
}
