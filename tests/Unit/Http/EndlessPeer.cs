using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Answers with a beginning and then with a pattern without end; knows how much the client let it send.</summary>
internal sealed class EndlessPeer : IAsyncDisposable
{
    private readonly TaskCompletionSource<long> _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ScriptedServer _server;

    private EndlessPeer(string beginning, string pattern, Func<ScriptedConnection, CancellationToken, Task>? first) =>
        _server = ScriptedServer.Start(async (peer, stop) =>
        {
            if (first is null)
                await peer.ReadRequestAsync(stop);
            else
                await first(peer, stop);
            await peer.SendAsync(RawAnswer.Latin1(beginning), stop);
            _sent.TrySetResult(await peer.SendEndlesslyAsync(pattern, stop));
        });

    public Uri Url => _server.Url;

    /// <summary>Bytes that the system took before the client broke off; socket buffers included.</summary>
    public Task<long> Sent => _sent.Task.WaitAsync(RawAnswer.Patience);

    public static EndlessPeer Start(string beginning, string pattern, Func<ScriptedConnection, CancellationToken, Task>? first = null) => new(beginning, pattern, first);

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
