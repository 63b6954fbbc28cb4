using System.Security.Cryptography;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh;

/// <summary>Somebody who signs certificates and key exchanges, with ECDSA over P-256.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly ECDsa _ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public TestAuthority()
    {
        var q = _ecdsa.ExportParameters(false).Q;
        byte[] point = [4, .. q.X!, .. q.Y!];
        Key = SshPublicKey.Parse(new WireWriter().Text("ecdsa-sha2-nistp256").Text("nistp256").String(point).Written);
    }

    public SshPublicKey Key { get; }

    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        var signature = _ecdsa.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        var numbers = new WireWriter().PositiveInteger(signature.AsSpan(0, 32)).PositiveInteger(signature.AsSpan(32));
        return new WireWriter().Text("ecdsa-sha2-nistp256").String(numbers.Written).ToArray();
    }

    public void Dispose() => _ecdsa.Dispose();
}
