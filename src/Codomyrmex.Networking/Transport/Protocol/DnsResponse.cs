namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>A DNS response as it was read.</summary>
/// <param name="Code">The response code with its EDNS extension (RFC 6891, section 6.1.3).</param>
/// <param name="IsAuthoritative">The AA bit.</param>
/// <param name="IsTruncated">The TC bit; no records are read then, they are not to be used (RFC 2181, section 9).</param>
/// <param name="Answers">The answer section, class IN only.</param>
internal sealed record DnsResponse(int Code, bool IsAuthoritative, bool IsTruncated, IReadOnlyList<DnsRecord> Answers)
{
    /// <summary>The AD bit.</summary>
    internal bool IsValidated { get; init; }

    internal const int NoError = 0;
    internal const int NameError = 3;

    // An answer section is as long as its author likes, and a chain of aliases too.
    private const int MaxAliases = 16;

    /// <summary>
    /// The records that answer a question: the aliases on the way, then those of the type. Others in the section were not asked for
    /// and are not believed. Empty where there is no record of the type.
    /// </summary>
    /// <param name="name">The name asked for.</param>
    /// <param name="type">The type asked for.</param>
    /// <param name="timeToLive">The shortest time to live on the way.</param>
    internal IReadOnlyList<DnsRecord> Find(string name, DnsRecordType type, out TimeSpan timeToLive)
    {
        timeToLive = TimeSpan.MaxValue;
        var path = new List<DnsRecord>();
        for (var aliases = 0; aliases <= MaxAliases; aliases++)
        {
            var length = path.Count;
            DnsRecord? alias = null;
            foreach (var record in Answers)
            {
                if (!record.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                    continue;
                if (record.Type == type)
                {
                    path.Add(record);
                    timeToLive = Shorter(timeToLive, record.TimeToLive);
                }
                else if (record.Type == DnsRecordType.CNAME)
                    alias ??= record;
            }
            if (path.Count > length)
                return path;
            if (alias is null)
                return [];
            path.Add(alias);
            timeToLive = Shorter(timeToLive, alias.TimeToLive);
            name = alias.Data;
        }
        return [];
    }

    /// <summary>The mnemonic of a response code.</summary>
    internal static string Describe(int code) => code switch
    {
        NoError => "NOERROR",
        1 => "FORMERR",
        2 => "SERVFAIL",
        NameError => "NXDOMAIN",
        4 => "NOTIMP",
        5 => "REFUSED",
        16 => "BADVERS",
        _ => $"RCODE {code}",
    };

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
