using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Codomyrmex.Networking.Ssh.Protocol;
using Org.BouncyCastle.Crypto.Kems;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace Codomyrmex.Networking.Tests.Unit.Ssh.Hostile;

/// <summary>
/// One client's connection to a <see cref="HostileServer"/>: identification, packets, key exchange by ecdh-sha2-nistp256 with strict mode, AES-128-GCM, authentication, channels. Each
/// step can be left out or bent.
/// </summary>
internal sealed class HostilePeer(HostileServer server, Stream stream, CancellationToken stopped) : IDisposable
{
    private const string Identification = "SSH-2.0-Hostile_1.0";

    private string _theirIdentification = "";
    private byte[] _ourInit = [];
    private byte[] _theirInit = [];
    private GcmKeys? _sending;
    private GcmKeys? _receiving;

    public CancellationToken Stopped => stopped;

    public SshPublicKey HostKey => server.HostKey.Key;

    /// <summary>The hash of the key exchange.</summary>
    public byte[] SessionId { get; private set; } = [];

    /// <summary>How much the client takes at first on the channel that it opened last.</summary>
    public uint TheirWindow { get; private set; }

    /// <summary>Sends bytes as they are.</summary>
    public ValueTask SendRawAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes, stopped);

    public ValueTask SendRawAsync(string text) => SendRawAsync(Encoding.ASCII.GetBytes(text));

    public async Task IdentifyAsync()
    {
        await SendRawAsync(Identification + "\r\n");
        _theirIdentification = await ReadLineAsync();
    }

    public async Task<string> ReadLineAsync()
    {
        var line = new StringBuilder();
        for (var one = new byte[1]; one[0] != '\n';)
        {
            await stream.ReadExactlyAsync(one, stopped);
            line.Append((char)one[0]);
        }
        return line.ToString().TrimEnd('\r', '\n');
    }

    /// <summary>Sends one message, encrypted where keys are agreed on.</summary>
    public ValueTask SendAsync(WireWriter message) => SendRawAsync(Packet(message));

    /// <summary>The bytes of one message's packet: to be bent before they are sent.</summary>
    public byte[] Packet(WireWriter message) => _sending?.Seal(message.Written) ?? PlainPacket(message.Written);

    public async Task<byte[]> ReceiveAsync()
    {
        var head = new byte[4];
        await stream.ReadExactlyAsync(head, stopped);
        var packet = new byte[BinaryPrimitives.ReadInt32BigEndian(head) + (_receiving is null ? 0 : GcmKeys.TagBytes)];
        await stream.ReadExactlyAsync(packet, stopped);
        var plain = _receiving?.Open(head, packet) ?? packet;
        var payload = plain[1..^plain[0]];
        if (payload[0] is 5 or 50)
            server.WasAskedForAuthentication |= payload[0] == 50;
        return payload;
    }

    /// <summary>Receives until a message of a kind comes.</summary>
    public async Task<byte[]> ReceiveAsync(byte kind)
    {
        while (true)
        {
            var payload = await ReceiveAsync();
            if (payload[0] == kind)
                return payload;
        }
    }

    public async Task DrainAsync()
    {
        var buffer = new byte[64 * 1024];
        while (await stream.ReadAsync(buffer, stopped) > 0)
        {
        }
    }

    /// <summary>Both sides say what they can.</summary>
    public async Task ExchangeInitsAsync(string ciphers = "aes128-gcm@openssh.com", string exchanges = "ecdh-sha2-nistp256,kex-strict-s-v00@openssh.com", string hostKeys = "ecdsa-sha2-nistp256")
    {
        var init = new WireWriter().Byte(20).Raw(RandomNumberGenerator.GetBytes(16)).Text(exchanges).Text(hostKeys).Text(ciphers).Text(ciphers)
            .Text("hmac-sha2-256").Text("hmac-sha2-256").Text("none").Text("none").Text("").Text("").Byte(0).UInt32(0);
        _ourInit = init.ToArray();
        await SendAsync(init);
        _theirInit = await ReceiveAsync(20);
    }

    /// <summary>Answers the client's half of the key exchange, and changes to the new keys.</summary>
    /// <param name="shown">The host key to show; null for the server's.</param>
    /// <param name="before">What to do between the answer and the change of keys, where strict mode allows nothing.</param>
    public async Task AgreeOnKeysAsync(SshPublicKey? shown = null, Func<Task>? before = null)
    {
        var reader = new WireReader((await ReceiveAsync(30)).AsSpan(1));
        var theirs = reader.String().ToArray();
        using var pair = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var q = pair.ExportParameters(false).Q;
        byte[] ours = [4, .. q.X!, .. q.Y!];
        using var other = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = theirs[1..33], Y = theirs[33..] } });
        await ProveAsync(theirs, ours, new WireWriter().PositiveInteger(pair.DeriveRawSecretAgreement(other.PublicKey)).ToArray(), shown, before);
    }

    /// <summary>The same by mlkem768x25519-sha256 (draft-ietf-sshm-mlkem-hybrid-kex, section 2): the two secrets are hashed together, and the hash counts as a string.</summary>
    public async Task AgreeOnHybridKeysAsync()
    {
        var reader = new WireReader((await ReceiveAsync(30)).AsSpan(1));
        var theirs = reader.String().ToArray();
        var encapsulator = new MLKemEncapsulator(MLKemParameters.ml_kem_768);
        encapsulator.Init(MLKemPublicKeyParameters.FromEncoding(MLKemParameters.ml_kem_768, theirs[..^X25519.PointSize]));
        var (ciphertext, pair) = (new byte[encapsulator.EncapsulationLength], RandomNumberGenerator.GetBytes(X25519.ScalarSize));
        var (quantum, classical, point) = (new byte[encapsulator.SecretLength], new byte[X25519.PointSize], new byte[X25519.PointSize]);
        encapsulator.Encapsulate(ciphertext, 0, ciphertext.Length, quantum, 0, quantum.Length);
        X25519.GeneratePublicKey(pair, 0, point, 0);
        X25519.CalculateAgreement(pair, 0, theirs, theirs.Length - X25519.PointSize, classical, 0);
        await ProveAsync(theirs, [.. ciphertext, .. point], new WireWriter().String(SHA256.HashData([.. quantum, .. classical])).ToArray(), null, null);
    }

    private async Task ProveAsync(byte[] theirs, byte[] ours, byte[] secret, SshPublicKey? shown, Func<Task>? before)
    {
        var key = (shown ?? server.HostKey.Key).Blob;
        var hash = SHA256.HashData(new WireWriter().Text(_theirIdentification).Text(Identification).String(_theirInit).String(_ourInit).String(key).String(theirs).String(ours).Raw(secret).Written);
        SessionId = SessionId.Length > 0 ? SessionId : hash;
        await SendAsync(new WireWriter().Byte(31).String(key).String(ours).String(server.HostKey.Sign(hash)));
        if (before is not null)
            await before();
        await SendAsync(new WireWriter().Byte(21));
        _sending = new GcmKeys(secret, hash, 'D', 'B');
        await ReceiveAsync(21);
        _receiving = new GcmKeys(secret, hash, 'C', 'A');
    }

    /// <summary>An honest handshake up to the client's first wish.</summary>
    public async Task HandshakeAsync()
    {
        await IdentifyAsync();
        await ExchangeInitsAsync();
        await AgreeOnKeysAsync();
    }

    /// <summary>An honest handshake and authentication.</summary>
    public async Task LogInAsync()
    {
        await HandshakeAsync();
        await AuthenticateAsync();
    }

    /// <summary>Lets the client in.</summary>
    public async Task AuthenticateAsync()
    {
        await ReceiveAsync(5);
        await SendAsync(new WireWriter().Byte(6).Text("ssh-userauth"));
        await ReceiveAsync(50);
        await SendAsync(new WireWriter().Byte(52));
    }

    /// <summary>As most servers do it: the question which ways there are is answered first, and then the user is let in.</summary>
    public async Task LogInByPasswordAsync()
    {
        await HandshakeAsync();
        await ReceiveAsync(5);
        await SendAsync(new WireWriter().Byte(6).Text("ssh-userauth"));
        await ReceiveAsync(50);
        await SendAsync(new WireWriter().Byte(51).Text("password").Byte(0));
        await ReceiveAsync(50);
        await SendAsync(new WireWriter().Byte(52));
    }

    /// <summary>Opens the channel that the client asks for; the result is the client's number for it.</summary>
    public async Task<uint> AcceptChannelAsync(uint window = 1 << 20)
    {
        var open = await ReceiveAsync(90);
        var reader = new WireReader(open.AsSpan(1));
        _ = reader.Text();
        var theirs = reader.UInt32();
        TheirWindow = reader.UInt32();
        await SendAsync(new WireWriter().Byte(91).UInt32(theirs).UInt32(7).UInt32(window).UInt32(32 * 1024));
        return theirs;
    }

    /// <summary>Grants what the client asks of its channel: to run a command.</summary>
    public async Task<uint> AcceptCommandAsync(uint window = 1 << 20)
    {
        var channel = await AcceptChannelAsync(window);
        await ReceiveAsync(98);
        await SendAsync(new WireWriter().Byte(99).UInt32(channel));
        return channel;
    }

    /// <summary>Sends data on a channel.</summary>
    public ValueTask SendDataAsync(uint channel, ReadOnlySpan<byte> data) => SendAsync(new WireWriter().Byte(94).UInt32(channel).String(data));

    public void Dispose()
    {
        stream.Dispose();
        _sending?.Dispose();
        _receiving?.Dispose();
    }

    private static byte[] PlainPacket(ReadOnlySpan<byte> payload)
    {
        var padding = 8 - (5 + payload.Length) % 8;
        padding += padding < 4 ? 8 : 0;
        return new WireWriter().UInt32((uint)(1 + payload.Length + padding)).Byte((byte)padding).Raw(payload).Raw(new byte[padding]).ToArray();
    }
}
