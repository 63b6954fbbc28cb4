using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Extensions;

/// <summary>
/// The settings of a client as configuration can hold them: plain values, bound by name. What stays null keeps its default; for all else there
/// is <see cref="HTTPClientOptions"/> in code. Secrets belong in neither.
/// </summary>
public sealed class HTTPClientSettings
{
    /// <summary>The URL that relative URLs are resolved against.</summary>
    public string? BaseUrl { get; set; }

    /// <summary>The <c>User-Agent</c> field.</summary>
    public string? UserAgent { get; set; }

    /// <summary>The whole operation's timeout.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>The timeout for opening a connection.</summary>
    public TimeSpan? ConnectTimeout { get; set; }

    /// <summary>The timeout until the answer begins.</summary>
    public TimeSpan? FirstByteTimeout { get; set; }

    /// <summary>The timeout between two reads of a body.</summary>
    public TimeSpan? IdleTimeout { get; set; }

    /// <summary>Attempts after the first.</summary>
    public int? Retries { get; set; }

    /// <summary>How many redirects are followed.</summary>
    public int? Redirects { get; set; }

    /// <summary>Decoded bytes of a buffered body.</summary>
    public long? BufferedBytes { get; set; }

    /// <summary>The egress policy's preset: <c>unrestricted</c>, <c>public-only</c> or <c>nothing</c>.</summary>
    public string? Policy { get; set; }

    /// <summary>Rules added to the preset, such as <c>10.0.0.0/8:443</c>.</summary>
    public IList<string> Allow { get; set; } = [];

    /// <summary>Rules that beat every other.</summary>
    public IList<string> Deny { get; set; } = [];

    /// <summary>A proxy's URL.</summary>
    public string? Proxy { get; set; }

    /// <summary>Whether the proxy may be used under a restrictive policy.</summary>
    public bool ProxyTrustedForEgress { get; set; }

    /// <summary>Connections to one host.</summary>
    public int? MaxConnectionsPerHost { get; set; }

    /// <summary>Options with these settings over them.</summary>
    /// <param name="options">What holds where a setting is null.</param>
    /// <exception cref="ArgumentException">A setting makes no sense; the message says which.</exception>
    public HTTPClientOptions ApplyTo(HTTPClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var applied = options with
        {
            BaseUrl = BaseUrl ?? options.BaseUrl,
            UserAgent = UserAgent ?? options.UserAgent,
            Timeouts = options.Timeouts with
            {
                Total = Timeout ?? options.Timeouts.Total,
                Connect = ConnectTimeout ?? options.Timeouts.Connect,
                FirstByte = FirstByteTimeout ?? options.Timeouts.FirstByte,
                Idle = IdleTimeout ?? options.Timeouts.Idle,
            },
            Retry = options.Retry with { Retries = Retries ?? options.Retry.Retries },
            Redirects = options.Redirects with { Limit = Redirects ?? options.Redirects.Limit },
            Limits = options.Limits with { BufferedBytes = BufferedBytes ?? options.Limits.BufferedBytes },
            Transport = options.Transport with
            {
                Policy = PolicyOver(options.Transport.Policy),
                Proxy = Proxy is null ? options.Transport.Proxy : ProxyOptions.Parse(Proxy) with { TrustedForEgress = ProxyTrustedForEgress },
                Pool = options.Transport.Pool with { MaxConnectionsPerHost = MaxConnectionsPerHost ?? options.Transport.Pool.MaxConnectionsPerHost },
            },
        };
        applied.Validate();
        return applied;
    }

    private EgressPolicy PolicyOver(EgressPolicy policy)
    {
        policy = Policy is null ? policy : EgressPolicy.FromName(Policy);
        if (Allow.Count > 0)
            policy = policy.Allowing([.. Allow]);
        return Deny.Count > 0 ? policy.Denying([.. Deny]) : policy;
    }
}
