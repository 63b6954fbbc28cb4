using System.Threading.Channels;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Ssh.Internal;

namespace Codomyrmex.Networking.Tests.Unit.Ssh;

/// <summary>A link whose other end is the test.</summary>
internal sealed class FakeLink : IMessageLink
{
    private readonly Channel<byte[]> _sent = Channel.CreateUnbounded<byte[]>();

    public SSHConnectionFacts Facts { get; } = new() { ServerVersion = "SSH-2.0-Fake", KeyExchange = "", HostKeyAlgorithm = "", HostKeyFingerprint = "", Encryption = "" };

    public ReadOnlyMemory<byte> SessionId => new byte[32];

    public bool IsDisposed { get; private set; }

    /// <summary>What the socket waits for; null where it takes everything at once.</summary>
    public ManualResetEventSlim? Room { get; set; }

    public void Start(IMessageSink sink)
    {
    }

    public void Send(ReadOnlyMemory<byte> payload)
    {
        _sent.Writer.TryWrite(payload.ToArray());
        Room?.Wait(TestContext.Current.CancellationToken);
    }

    public ValueTask<byte[]> SentAsync() => _sent.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public bool TrySent(out byte[]? message) => _sent.Reader.TryRead(out message);

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return default;
    }
}
