using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// What sets transport settings apart for somebody who keeps what came through them: whom they reach under a name, and whom they believe.
/// The same in every process, but for parts that only this one has (a resolver, a stream or a handler of the caller's).
/// </summary>
internal static class TransportIdentity
{
    private static readonly ConditionalWeakTable<object, string> Instances = [];

    /// <summary>The identity; empty for the defaults.</summary>
    public static string Of(TransportOptions options, HttpMessageHandler? foreign)
    {
        if (foreign is not null)
            return InstanceOf(foreign);
        if (options == TransportOptions.Default)
            return "";
        var (tls, resolver) = (options.Tls, options.Resolver);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"policy {options.Policy}\n");
        text.Append(CultureInfo.InvariantCulture, $"tls {tls.MinimumVersion} {tls.Revocation} {tls.ServerName} {tls.AllowWeakCertificates} {tls.InsecureAcceptAnyCertificate} {tls.ClientCertificate?.Thumbprint}\n");
        text.Append("roots ").AppendJoin(' ', tls.TrustedRoots?.Select(root => root.Thumbprint) ?? []).Append('\n');
        text.Append("pins ").AppendJoin(' ', tls.Pins).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"resolver {resolver.Server} {resolver.Families} {InstanceOf(resolver.Custom)}\n");
        foreach (var (host, addresses) in resolver.Hosts.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            text.Append("host ").Append(host).Append(' ').AppendJoin(' ', addresses).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"proxy {options.Proxy} {options.Proxy?.User} {InstanceOf(options.Proxies)}\n");
        text.Append(CultureInfo.InvariantCulture, $"over {options.BindAddress} {options.UnixSocketPath} {InstanceOf(options.DialOver)} {InstanceOf(options.Budget)}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static string InstanceOf(object? part) => part is null ? "" : Instances.GetValue(part, static _ => Guid.NewGuid().ToString("N"));
}
