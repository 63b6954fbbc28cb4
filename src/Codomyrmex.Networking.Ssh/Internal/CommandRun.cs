using System.Runtime.ExceptionServices;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Runs a command to its end: input in, both outputs out, within its time and its limits.</summary>
internal sealed class CommandRun(SSHProcess process, Endpoint endpoint, SSHCommandOptions options, SudoDialogue? sudo, TimeProvider clock)
{
    private static readonly TimeSpan Farewell = TimeSpan.FromMilliseconds(250);

    private readonly CappedOutput _stdout = new(options.MaxOutputBytes);
    private readonly CappedOutput _stderr = new(options.MaxOutputBytes);
    private ExceptionDispatchInfo? _inputFailure;

    public async Task<SSHCommandResult> RunAsync(long startedAt, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = new CancellationTokenSource(options.Timeout, clock);
        using var onTimeout = timer.Token.UnsafeRegister(static stop => ((CancellationTokenSource)stop!).Cancel(), stop);
        try
        {
            var input = FeedAsync(stop);
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
            _inputFailure?.Throw();
            return new SSHCommandResult(endpoint, exit, _stdout.Bytes, _stderr.Bytes, clock.GetElapsedTime(startedAt));
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw await TimedOutAsync().ConfigureAwait(false);
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            process.Signal("TERM");
            // A signal right before the close of its channel is lost now and then: who heeds it is given the time to.
            await Task.WhenAny(process.WaitAsync(CancellationToken.None), Task.Delay(Farewell, clock, CancellationToken.None)).ConfigureAwait(false);
            _inputFailure?.Throw();
            throw;
        }
    }

    private async Task FeedAsync(CancellationTokenSource stop)
    {
        var token = stop.Token;
        if (sudo is not null)
            await sudo.HasBegun.WaitAsync(token).ConfigureAwait(false);
        if (options.StandardInput is { } source)
        {
            var buffer = new byte[64 * 1024];
            while (await ReadAsync(source, buffer, stop, token).ConfigureAwait(false) is > 0 and var count)
            {
                try
                {
                    await process.StandardInput.WriteAsync(buffer.AsMemory(0, count), token).ConfigureAwait(false);
                }
                catch (NetworkException)
                {
                    // A command may end without having read all of it.
                    return;
                }
            }
        }
        // Half of it must not look like all of it.
        if (_inputFailure is null)
            await process.StandardInput.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Reads input. Where it fails, nobody waits for the command any longer: it may wait for the rest for ever.</summary>
    private async Task<int> ReadAsync(Stream source, byte[] buffer, CancellationTokenSource stop, CancellationToken token)
    {
        try
        {
            return await source.ReadAsync(buffer, token).ConfigureAwait(false);
        }
        catch (Exception error) when (!token.IsCancellationRequested)
        {
            _inputFailure = ExceptionDispatchInfo.Capture(error);
            await stop.CancelAsync().ConfigureAwait(false);
            return 0;
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
