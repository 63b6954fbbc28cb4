using System.Net;
using System.Security.Cryptography.X509Certificates;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>Turns options into transport settings.</summary>
internal static class TransportSettings
{
    public static TransportOptions Read(Invocation run)
    {
        var arguments = run.Arguments;
        // Most runs set nothing: what stays the default is not made anew.
        var options = ProxySettings.Apply(TransportOptions.Default, run);
        if (ReadPolicy(run) is { } policy)
            options = options with { Policy = policy };
        if (ReadResolver(arguments) is { } resolver)
            options = options with { Resolver = resolver };
        if (ReadTls(arguments) is { } tls)
            options = options with { Tls = tls };
        return options;
    }

    public static Timeouts ReadTimeouts(ParsedArguments arguments)
    {
        var timeouts = Timeouts.Default;
        if (arguments.Value(ConnectionOptions.Timeout, DurationText.Parse) is { } total)
        {
            // A longer total means that the answer may take longer to begin, too.
            timeouts = timeouts with { Total = total, FirstByte = total > timeouts.FirstByte ? total : timeouts.FirstByte };
        }
        if (arguments.Value(ConnectionOptions.ConnectTimeout, DurationText.Parse) is { } connect)
            timeouts = timeouts with { Connect = connect };
        if (arguments.Value(ConnectionOptions.IdleTimeout, DurationText.Parse) is { } idle)
            timeouts = timeouts with { Idle = idle };
        return timeouts;
    }

    private static EgressPolicy? ReadPolicy(Invocation run)
    {
        var arguments = run.Arguments;
        var policy = arguments.Read(ConnectionOptions.Policy, text => File.Exists(text) ? EgressPolicy.Parse(File.ReadAllText(text)) : Named(text));
        if (policy is null && run.Command.DefaultPolicy.IsRestrictive)
            policy = run.Command.DefaultPolicy;
        foreach (var rule in arguments.All(ConnectionOptions.Allow))
            policy = ParsedArguments.Checked(ConnectionOptions.Allow, rule, text => (policy ?? EgressPolicy.Unrestricted).Allowing(text));
        foreach (var rule in arguments.All(ConnectionOptions.Deny))
            policy = ParsedArguments.Checked(ConnectionOptions.Deny, rule, text => (policy ?? EgressPolicy.Unrestricted).Denying(text));
        return policy;
    }

    private static EgressPolicy Named(string text) => text is "unrestricted" or "public-only" or "nothing"
        ? EgressPolicy.FromName(text)
        : throw new FormatException($"'{text}' is neither a policy (unrestricted, public-only, nothing) nor a file.");

    private static ResolverOptions? ReadResolver(ParsedArguments arguments)
    {
        var pins = arguments.All(ConnectionOptions.Resolve);
        var server = arguments.Read(ConnectionOptions.Dns, AddressText.ParseServer);
        var v4 = arguments.Has(ConnectionOptions.IPv4);
        var v6 = arguments.Has(ConnectionOptions.IPv6);
        if (v4 && v6)
            throw new UsageException("-4 and -6 exclude each other.", "-6");
        if (pins.Count == 0 && server is null && !v4 && !v6)
            return null;
        var hosts = new Dictionary<string, IReadOnlyList<IPAddress>>(StringComparer.OrdinalIgnoreCase);
        foreach (var pin in pins)
        {
            var (key, addresses) = ParsedArguments.Checked(ConnectionOptions.Resolve, pin, AddressText.ParsePin);
            hosts[key] = addresses;
        }
        return ResolverOptions.Default with { Hosts = hosts, Server = server, Families = v4 ? IPFamilies.IPv4 : v6 ? IPFamilies.IPv6 : IPFamilies.Both };
    }

    private static TlsOptions? ReadTls(ParsedArguments arguments)
    {
        var roots = arguments.Read(ConnectionOptions.CaCert, ReadRoots);
        var certificate = arguments.Read(ConnectionOptions.Cert, text => ReadCertificate(text, arguments.Text(ConnectionOptions.Key)));
        var pins = arguments.All(ConnectionOptions.Pin);
        var isInsecure = arguments.Has(ConnectionOptions.Insecure);
        if (certificate is null && arguments.Has(ConnectionOptions.Key))
            throw new UsageException("--key needs the certificate it belongs to: --cert FILE.", ConnectionOptions.Key.Name);
        foreach (var pin in pins)
            ParsedArguments.Checked(ConnectionOptions.Pin, pin, Validated);
        if (roots is null && certificate is null && pins.Count == 0 && !isInsecure)
            return null;
        return TlsOptions.Default with { TrustedRoots = roots, ClientCertificate = certificate, Pins = pins, InsecureAcceptAnyCertificate = isInsecure };
    }

    private static string Validated(string pin)
    {
        new TlsOptions { Pins = [pin] }.Validate();
        return pin;
    }

    private static X509Certificate2Collection ReadRoots(string path)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(path);
        return roots.Count > 0 ? roots : throw new FormatException($"'{path}' holds no PEM certificate.");
    }

    private static X509Certificate2 ReadCertificate(string path, string? keyPath) => X509Certificate2.CreateFromPemFile(path, keyPath);
}
