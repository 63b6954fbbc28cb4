using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>An agent that holds one FIDO key (OpenSSH's PROTOCOL.u2f), whose token is software and is always touched.</summary>
internal sealed class SoftwareTokenAgent : IAsyncDisposable
{
    private const string Type = "sk-ecdsa-sha2-nistp256@openssh.com";
    private const string Application = "ssh:";
    private const byte UserIsPresent = 1;

    private readonly string _folder = Directory.CreateTempSubdirectory("token-").FullName;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Task _serving;
    private readonly byte[] _blob;

    public SoftwareTokenAgent()
    {
        var q = _key.ExportParameters(false).Q;
        _blob = new WireWriter().Text(Type).Text("nistp256").String([4, .. q.X!, .. q.Y!]).Text(Application).ToArray();
        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _listener.Listen();
        _serving = ServeAsync();
    }

    public string SocketPath => Path.Combine(_folder, "agent");

    /// <summary>For <c>authorized_keys</c>.</summary>
    public string PublicKey => $"{Type} {Convert.ToBase64String(_blob)}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _key.Dispose();
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            using var connection = await _listener.AcceptAsync(_stop.Token);
            await using var stream = new NetworkStream(connection);
            var head = new byte[4];
            while (await stream.ReadAtLeastAsync(head, 4, throwOnEndOfStream: false, _stop.Token) == 4)
            {
                var question = new byte[BinaryPrimitives.ReadInt32BigEndian(head)];
                await stream.ReadExactlyAsync(question, _stop.Token);
                await stream.WriteAsync(new WireWriter().String(Answer(question)).ToArray(), _stop.Token);
            }
        }
    }

    private byte[] Answer(byte[] question)
    {
        var reader = new WireReader(question);
        if (reader.Byte() == 11)
            return new WireWriter().Byte(12).UInt32(1).String(_blob).Text("token").ToArray();
        _ = reader.String();
        byte[] signed = [.. SHA256.HashData("ssh:"u8), UserIsPresent, 0, 0, 0, 1, .. SHA256.HashData(reader.String())];
        var signature = _key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        var numbers = new WireWriter().PositiveInteger(signature.AsSpan(0, 32)).PositiveInteger(signature.AsSpan(32));
        return new WireWriter().Byte(14).String(new WireWriter().Text(Type).String(numbers.Written).Byte(UserIsPresent).UInt32(1).Written).ToArray();
    }
}
