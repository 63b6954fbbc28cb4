using System.Globalization;
using System.Net;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Ssh;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The forwards of one <c>ssh</c> run: open as long as its command runs, or until it is interrupted.</summary>
internal sealed class SshForwards : IAsyncDisposable
{
    private readonly List<(string Text, SSHForward Forward)> _open = [];

    private SshForwards()
    {
    }

    /// <summary>Reads <c>-L</c>, <c>-R</c> and <c>-D</c>.</summary>
    public static IReadOnlyList<SshForwardText> Read(ParsedArguments arguments) =>
    [
        .. arguments.All(SshOptions.Local).Select(text => ParsedArguments.Checked(SshOptions.Local, text, static text => SshForwardText.Parse('L', text))),
        .. arguments.All(SshOptions.Remote).Select(text => ParsedArguments.Checked(SshOptions.Remote, text, static text => SshForwardText.Parse('R', text))),
        .. arguments.All(SshOptions.Dynamic).Select(text => ParsedArguments.Checked(SshOptions.Dynamic, text, static text => SshForwardText.Parse('D', text))),
    ];

    public static async Task<SshForwards> OpenAsync(SSHClient client, IReadOnlyList<SshForwardText> texts, Invocation run)
    {
        var forwards = new SshForwards();
        try
        {
            foreach (var text in texts)
            {
                var forward = text.Kind switch
                {
                    'L' => await client.ForwardLocalAsync(text.ListenAt, text.Host!, text.TargetPort, run.Context.Interrupted),
                    'R' => await client.ForwardRemoteAsync(text.Bind, text.Port, text.Host!, text.TargetPort, run.Context.Interrupted),
                    _ => await client.ForwardDynamicAsync(text.ListenAt, run.Context.Interrupted),
                };
                forwards._open.Add((text.ToString(), forward));
                Show(run, text, forward);
            }
            return forwards;
        }
        catch (System.Net.Sockets.SocketException taken)
        {
            await forwards.DisposeAsync();
            throw new UsageException($"{texts[forwards._open.Count]}: {taken.Message}", texts[forwards._open.Count].ToString(), taken);
        }
        catch
        {
            await forwards.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the run is interrupted, which is how it ends, or the connection is lost.</summary>
    public static async Task<int> WaitAsync(SSHClient client, CancellationToken interrupted)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(client.ConnectionLost, interrupted);
        await Task.Delay(Timeout.Infinite, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        interrupted.ThrowIfCancellationRequested();
        throw new NetworkFailure
        {
            Code = ErrorCodes.SshDisconnected,
            Message = $"The connection to {client.Endpoint} was lost, and its forwards with it.",
            Phase = NetworkPhase.Receive,
            Endpoint = client.Endpoint,
        }.ToException();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, forward) in _open)
            await forward.DisposeAsync();
    }

    private static void Show(Invocation run, SshForwardText text, SSHForward forward)
    {
        if (run.IsQuiet)
            return;
        var where = forward.ListensOn is IPEndPoint { Port: var port } end ? string.Create(CultureInfo.InvariantCulture, $"{end.Address}:{port}") : forward.ListensOn.ToString();
        run.Error.Line($"forwarding {where}{(text.Kind == 'R' ? " there" : "")} to {text.Target}", Style.Dim).Flush();
    }
}
