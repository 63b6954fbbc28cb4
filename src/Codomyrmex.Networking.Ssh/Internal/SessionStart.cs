using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>What a session is opened for, and how it gets there (RFC 4254, section 6): place, channel, environment, terminal, program.</summary>
/// <param name="Request"><c>exec</c>, <c>shell</c> or <c>subsystem</c>.</param>
/// <param name="Argument">The command or the subsystem's name; null for a shell.</param>
/// <param name="Environment">Variables.</param>
/// <param name="Terminal">A terminal, where there is to be one.</param>
internal sealed record SessionStart(string Request, string? Argument, IReadOnlyDictionary<string, string> Environment, SSHTerminal? Terminal)
{
    // Encoded terminal modes (RFC 4254, section 8).
    private const byte EchoMode = 53;

    // How often a refused session is asked for again, and how long after the first refusal: doubled each time.
    private const int MostTries = 7;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(10);

    public async Task<SshChannel> RunAsync(Multiplexer connection, Func<SshChannel, SemaphoreSlim, IChannelReader> makeReader, int window, TimeSpan answer, TimeProvider clock, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await TryAsync(connection, makeReader, window, answer, clock, cancellationToken).ConfigureAwait(false);
            }
            catch (SSHException refused) when (refused is { Code: ErrorCodes.SshChannel, WasSent: WasSent.Never, IsTransient: true } && tries < MostTries)
            {
                // A server that has closed a session may still count it until it has buried the process.
                await Task.Delay(FirstDelay * (1 << (tries - 1)), clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<SshChannel> TryAsync(Multiplexer connection, Func<SshChannel, SemaphoreSlim, IChannelReader> makeReader, int window, TimeSpan answer, TimeProvider clock, CancellationToken cancellationToken)
    {
        await connection.Sessions.WaitAsync(cancellationToken).ConfigureAwait(false);
        using var timer = new CancellationTokenSource(answer, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        SshChannel? channel = null;
        try
        {
            // The place is given back by the reader when the channel closes.
            channel = await connection.OpenAsync("session", default, opened => makeReader(opened, connection.Sessions), window, either.Token).ConfigureAwait(false);
            // None is waited for before the next is asked: they are answered in their order.
            var variables = Environment.Select(pair => (pair.Key, channel.AskAsync("env", new WireWriter().Text(pair.Key).Text(pair.Value).Written, either.Token))).ToList();
            var terminal = Terminal is null ? Task.FromResult(true) : channel.AskAsync("pty-req", Encode(Terminal), either.Token);
            var program = channel.AskAsync(Request, Argument is null ? default : new WireWriter().Text(Argument).Written, either.Token);
            foreach (var (name, isSet) in variables)
            {
                if (!await AnswerAsync(connection, isSet).ConfigureAwait(false))
                    throw Refused(connection, $"the environment variable {name}", "Servers take only the variables that they are configured for (OpenSSH: AcceptEnv).");
            }
            if (!await AnswerAsync(connection, terminal).ConfigureAwait(false))
                throw Refused(connection, "a terminal", "The server may forbid terminals to this user (OpenSSH: PermitTTY, no-pty).");
            if (!await AnswerAsync(connection, program).ConfigureAwait(false))
                throw Refused(connection, Request == "subsystem" ? $"the subsystem '{Printable.Text(Argument!)}'" : $"'{Request}'", "The server may not have it, or not for this user.");
            return channel;
        }
        catch (Exception error)
        {
            if (channel is not null)
                await channel.DisposeAsync().ConfigureAwait(false);
            if (error is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw new NetworkFailure
                {
                    Code = ErrorCodes.TimeoutFirstByte,
                    Message = $"{connection.Endpoint} did not answer within {answer.TotalSeconds:0.###} s when asked for '{Request}'.",
                    Phase = NetworkPhase.FirstByte,
                    Endpoint = connection.Endpoint,
                    WasSent = WasSent.Maybe,
                }.ToException(error);
            }
            throw;
        }
    }

    private async Task<bool> AnswerAsync(Multiplexer connection, Task<bool> answer)
    {
        try
        {
            return await answer.ConfigureAwait(false);
        }
        catch (SSHException closed) when (closed.Code == ErrorCodes.SshChannel)
        {
            // A server that breaks down closes its sessions first.
            if (connection.End is { } end)
                throw end.Again();
            // Whether the program has begun is not known, so it is not for us to begin it again.
            throw new NetworkFailure
            {
                Code = ErrorCodes.SshChannel,
                Message = $"{connection.Endpoint} closed the session before it answered '{Request}'.",
                Hint = "Repeat it where it may run twice. Dropbear before 2024.86 does so now and then where sessions begin while others end; one session at a time avoids that (SSHClientOptions.MaxSessions).",
                Phase = NetworkPhase.FirstByte,
                Endpoint = connection.Endpoint,
                WasSent = WasSent.Maybe,
                IsTransient = true,
            }.ToException(closed);
        }
    }

    private static ReadOnlySpan<byte> Encode(SSHTerminal terminal)
    {
        var modes = new WireWriter();
        if (!terminal.Echo)
            modes.Byte(EchoMode).UInt32(0);
        modes.Byte(0);
        return new WireWriter().Text(terminal.Name).UInt32((uint)terminal.Columns).UInt32((uint)terminal.Rows).UInt32(0).UInt32(0).String(modes.Written).Written;
    }

    private static NetworkException Refused(Multiplexer connection, string what, string hint) => new NetworkFailure
    {
        Code = ErrorCodes.SshChannel,
        Message = $"{connection.Endpoint} refused {what}.",
        Hint = hint,
        Phase = NetworkPhase.Send,
        Endpoint = connection.Endpoint,
        WasSent = WasSent.Maybe,
    }.ToException();
}
