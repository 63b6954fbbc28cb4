using System.Net;
using System.Text;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Ssh;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>Turns options into whom to connect to, and how.</summary>
/// <param name="Host">The host to connect to.</param>
/// <param name="User">The user there.</param>
/// <param name="Options">The client's settings.</param>
/// <param name="Jumps">Hosts to go through, the nearest first.</param>
internal sealed record SshSettings(string Host, string User, SSHClientOptions Options, IReadOnlyList<SshTarget> Jumps)
{
    private const string PasswordVariable = "CODONET_SSH_PASSWORD";
    private const string PassphraseVariable = "CODONET_SSH_PASSPHRASE";

    /// <param name="run">The run.</param>
    /// <param name="target">Whom to connect to.</param>
    /// <param name="isJump">Whether it only lies on the way: the password is not for it.</param>
    public static async Task<SshSettings> ReadAsync(Invocation run, SshTarget target, bool isJump = false)
    {
        var arguments = run.Arguments;
        var options = new SSHClientOptions
        {
            HostKeys = ReadTrust(arguments),
            Algorithms = arguments.Has(SshOptions.Legacy) ? SSHAlgorithms.Legacy : SSHAlgorithms.Modern,
            Transport = TransportSettings.Read(run),
            Timeouts = TransportSettings.ReadTimeouts(arguments) with { Total = arguments.Value(SshOptions.Timeout, DurationText.Parse) ?? Timeouts.Default.Total },
            Retry = arguments.Value(ConnectionOptions.Retry, static text => NumberText.Parse(text, 0, 100)) is { } retries ? RetryOptions.Default with { Retries = retries } : run.Command.Name == "mcp" ? RetryOptions.None : RetryOptions.Default,
            Credentials = ReadCredentials(run),
        };
        var settings = await ReadConfigurationAsync(run, target, options);
        if (arguments.Has(SshOptions.InsecureAnyHostKey) && !run.IsQuiet && !run.IsJson)
            run.Error.Line($"codonet: {SshOptions.InsecureAnyHostKey.Name}: whoever answers has not proved to be the server.", Style.Yellow).Flush();
        return settings with { Options = await WithPasswordAsync(run, settings, isJump) };
    }

    private static async Task<SshSettings> ReadConfigurationAsync(Invocation run, SshTarget target, SSHClientOptions options)
    {
        var jumps = run.Arguments.All(SshOptions.Jump).SelectMany(static list => list.Split(','))
            .Select(text => ParsedArguments.Checked(SshOptions.Jump, text, SshTarget.Parse)).ToList();
        if (run.Arguments.Text(SshOptions.Config) is not { } file)
        {
            var plain = options.Credentials.Count > 0 ? options : options with { Credentials = SSHCredential.UserDefaults() };
            return new SshSettings(target.Host, target.User ?? Environment.UserName, plain with { Port = target.Port ?? 22 }, jumps);
        }
        var host = (await SSHConfiguration.LoadAsync(file, run.Context.Interrupted)).For(target.Host, target.User, target.Port);
        if (jumps.Count == 0)
            jumps = [.. host.ProxyJump.Select(text => ParsedArguments.Checked(SshOptions.Config, text, SshTarget.Parse))];
        return new SshSettings(host.Host, host.User, host.ApplyTo(options), jumps);
    }

    public static HostKeyTrust ReadTrust(ParsedArguments arguments)
    {
        var trust = HostKeyTrust.Default with
        {
            AcceptNew = arguments.Has(SshOptions.AcceptNew),
            FollowRotation = arguments.Has(SshOptions.UpdateHostKeys),
            ValidatingResolver = arguments.Read(SshOptions.Sshfp, ServerHere),
            PinnedFingerprints = arguments.All(SshOptions.HostKey),
            InsecureAcceptAnyHostKey = arguments.Has(SshOptions.InsecureAnyHostKey),
        };
        return arguments.All(SshOptions.KnownHosts) is { Count: > 0 } files ? trust with { KnownHostsFiles = files } : trust;
    }

    private static IPEndPoint ServerHere(string text) => AddressText.ParseServer(text) is var server && IPAddress.IsLoopback(server.Address)
        ? server
        : throw new FormatException($"'{text}' is not on this machine, and anybody on the way could forge what it says; write 127.0.0.1, 127.0.0.1:53 or [::1]:53.");

    private static List<SSHCredential> ReadCredentials(Invocation run)
    {
        var passphrase = run.Context.Environment(PassphraseVariable) is { Length: > 0 } text ? text : null;
        return [.. run.Arguments.All(SshOptions.Key).Select(path => SSHCredential.KeyFile(path, passphrase))];
    }

    /// <summary>The password is tried last, and asked for only where there is nothing else. The one that the run was given is for the host itself: whoever lies on the way would learn it.</summary>
    private static async Task<SSHClientOptions> WithPasswordAsync(Invocation run, SshSettings settings, bool isJump)
    {
        var password = isJump ? null : run.Arguments.Read(SshOptions.PasswordFile, static path => File.ReadLines(path, Encoding.UTF8).FirstOrDefault() ?? "")
            ?? run.Context.Environment(PasswordVariable);
        if (string.IsNullOrEmpty(password) && settings.Options.Credentials.Count == 0)
            password = await Task.Run(() => run.Context.AskSecret($"Password of {settings.User}@{settings.Host}: "));
        if (!string.IsNullOrEmpty(password))
            return settings.Options with { Credentials = [.. settings.Options.Credentials, SSHCredential.Password(password), Answering(password)] };
        return settings.Options.Credentials.Count > 0 ? settings.Options : throw new UsageException(
            $"There is nothing to prove who {settings.User} is: no agent, no key in ~/.ssh; name one with {SshOptions.Key.Name}{(isJump ? "" : $", or set {PasswordVariable}")}.", SshOptions.Key.Name);
    }

    /// <summary>Servers that ask for the password instead of taking it (RFC 4256): one hidden question is taken for that.</summary>
    private static SSHCredential Answering(string password) => SSHCredential.Interactive((challenge, _) =>
        ValueTask.FromResult<IReadOnlyList<string>>([.. challenge.Questions.Select(question => question.IsEchoed ? "" : password)]));
}
