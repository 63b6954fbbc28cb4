using Codomyrmex.Networking.Ssh;

namespace Codomyrmex.Networking.Samples;

/// <summary>Whom SSH trusts, by which keys, and what a configuration says. Nothing is connected to.</summary>
public static class SshTrust
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("codonet-sample-").FullName;

        // sample: pair
        using var pair = SSHKeyPair.Generate(SSHKeyKind.Ed25519, "deploy@build");
        await pair.SaveAsync(Path.Combine(folder, "deploy"), ct);
        await output.WriteLineAsync($"for authorized_keys: {pair.PublicKey}");
        // end

        // sample: trust
        var pinned = new SSHClientOptions
        {
            Credentials = [SSHCredential.KeyFile(Path.Combine(folder, "deploy"))],
            HostKeys = new HostKeyTrust { PinnedFingerprints = [pair.Fingerprint] },
        };
        var remembering = pinned with { HostKeys = new HostKeyTrust { KnownHostsFiles = [Path.Combine(folder, "known_hosts")], AcceptNew = true } };
        // end
        await output.WriteLineAsync($"{pinned.HostKeys.PinnedFingerprints[0]}, {remembering.HostKeys.AcceptNew}");

        // sample: bound
        var bound = remembering with { Credentials = [SSHCredential.Password("the password").OnlyFor(pair.Fingerprint)] };
        await output.WriteLineAsync($"{bound.Credentials[0]}");
        // end

        await File.WriteAllTextAsync(Path.Combine(folder, "config"), $"Host web\n  HostName web.example\n  Port 2222\n  User deploy\n  IdentityFile {folder}/deploy\n", ct);
        var configFile = Path.Combine(folder, "config");

        // sample: configuration
        var configuration = await SSHConfiguration.LoadAsync(configFile, ct);
        var web = configuration.For("web");
        var options = web.ApplyTo(SSHClientOptions.Default);
        await output.WriteLineAsync($"{web.User}@{web.Host}:{options.Port}, {options.Credentials.Count} credentials, by way of {web.ProxyJump.Count} hosts");
        // end
        Directory.Delete(folder, recursive: true);
    }
}
