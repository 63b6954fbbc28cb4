using System.Security.Cryptography;
using Codomyrmex.Networking.Scanning.Protocol;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>Goes on from a server's identification until it has shown its host key, and then hangs up.</summary>
internal static class SshHostKey
{
    private const int CookieBytes = 16;

    // Servers send their offer, may send a few packets to be ignored, then their half of the exchange.
    private const int MostPackets = 16;

    /// <summary>The fingerprint; null where the server shows none.</summary>
    public static async Task<string?> AskAsync(ServerTalk talk, TimeSpan wait, CancellationToken cancellationToken)
    {
        using var half = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var point = half.ExportParameters(includePrivateParameters: false).Q;
        byte[] question =
        [
            .. SshHandshake.Identification, .. SshHandshake.Offer(RandomNumberGenerator.GetBytes(CookieBytes)), .. SshHandshake.Exchange([4, .. point.X!, .. point.Y!]),
        ];
        await talk.AskAsync(question, static bytes => Read(bytes, out var isOver) is not null || isOver, wait, cancellationToken).ConfigureAwait(false);
        return Read(talk.Received.Span, out _);
    }

    private static string? Read(ReadOnlySpan<byte> bytes, out bool isOver)
    {
        isOver = false;
        var at = SshHandshake.PacketsStart(bytes);
        if (at < 0)
            return null;
        try
        {
            for (var i = 0; i < MostPackets; i++)
            {
                var payload = SshHandshake.ReadPacket(bytes[at..], out var length);
                if (length == 0)
                    return null;
                if (SshHandshake.ReadFingerprint(payload) is { } fingerprint)
                    return fingerprint;
                at += length;
            }
        }
        catch (FormatException)
        {
            // Not SSH after all, or not as we know it.
        }
        isOver = true;
        return null;
    }
}
