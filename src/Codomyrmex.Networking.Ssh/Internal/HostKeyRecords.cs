using System.Net;
using Codomyrmex.Networking.Ssh.Protocol;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>What DNS says of a host's keys (RFC 4255).</summary>
/// <param name="Validated">Fingerprints that the resolver has validated; empty where there are none, or none that it could validate.</param>
/// <param name="Failure">Why it could not be asked; null where it could.</param>
internal sealed record HostKeyRecords(IReadOnlyList<SshfpRecord> Validated, NetworkException? Failure)
{
    private static readonly HostKeyRecords None = new([], null);

    public static async Task<HostKeyRecords> AskAsync(IPEndPoint resolver, string host, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await new DnsServerResolver(resolver, clock).QueryAsync(host, DnsRecordType.SSHFP, cancellationToken).ConfigureAwait(false);
            // Anybody could have put the others there (RFC 4255, section 2.4).
            return answer.IsValidated ? new([.. answer.Records.Where(static record => record.Type == DnsRecordType.SSHFP).Select(static record => SshfpRecord.Parse(record.Data)).OfType<SshfpRecord>()], null) : None;
        }
        catch (DNSResolutionException none) when (none.Code == ErrorCodes.DnsNotFound)
        {
            return None;
        }
        catch (NetworkException failed)
        {
            // Also what a validating resolver says of records that are forged.
            return new([], failed);
        }
    }
}
