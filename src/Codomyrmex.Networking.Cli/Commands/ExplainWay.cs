using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The SSH servers that an explained connection goes through. They are connected to when it is made, so that a failure has its place among the layers.</summary>
internal sealed class ExplainWay : IAsyncDisposable
{
    private readonly List<SSHClient> _jumps = [];

    private ExplainWay(TransportOptions transport) => Transport = transport;

    /// <summary>How the connection at the end of the way is made.</summary>
    public TransportOptions Transport { get; private set; }

    public static ExplainWay Read(Invocation run)
    {
        // A report is of one way: with several it would not say whose.
        ProxySettings.DemandOne(run.Arguments, "explain");
        var way = new ExplainWay(TransportSettings.Read(run));
        foreach (var text in run.Arguments.All(SshOptions.Jump).SelectMany(static list => list.Split(',')))
        {
            var jump = ParsedArguments.Checked(SshOptions.Jump, text, SshTarget.Parse);
            var options = Settings(run, way.Transport) with { Port = jump.Port ?? 22 };
            if (options.Credentials.Count == 0)
                options = options with { Credentials = SSHCredential.UserDefaults() };
            if (options.Credentials.Count == 0)
                throw new UsageException($"There is nothing to prove to {jump} who you are: no agent, no key in ~/.ssh; name one with {ExplainCommand.Identity.Name}.", text);
            var client = new SSHClient(jump.Host, jump.User ?? Environment.UserName, options);
            way._jumps.Add(client);
            way.Transport = way.Transport with { DialOver = client.DialAsync, Proxy = null };
        }
        return way;
    }

    /// <summary>The settings of an SSH connection.</summary>
    public static SSHClientOptions Settings(Invocation run, TransportOptions transport) => new()
    {
        Credentials = [.. run.Arguments.All(ExplainCommand.Identity).Select(static path => SSHCredential.KeyFile(path))],
        HostKeys = SshSettings.ReadTrust(run.Arguments),
        Timeouts = TransportSettings.ReadTimeouts(run.Arguments),
        Transport = transport,
    };

    public async ValueTask DisposeAsync()
    {
        for (var i = _jumps.Count - 1; i >= 0; i--)
            await _jumps[i].DisposeAsync();
    }
}
