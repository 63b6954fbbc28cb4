using System.Text.Json;
using Codomyrmex.Networking.Ssh;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>Asks what lies at the top of a connection to an SSH server: keys, algorithms, authentication, SFTP.</summary>
internal static class ExplainShell
{
    public static async Task<ExplainFindings> AskAsync(ExplainQuestion question)
    {
        var (target, options) = (question.Target, question.Shell with { Port = question.Target.Endpoint.Port });
        var user = target.User ?? Environment.UserName;
        var report = await SSHProbe.RunAsync(target.Endpoint.Host, user, options, question.Cancelled);
        var failure = report.Failure;
        var layers = new List<Layer> { new("ssh", report.IsHostKeyAccepted ? Layer.Ok : Layer.Failed, report.Handshake, Agreed(report)) };
        if (!report.IsHostKeyAccepted)
        {
            layers.Add(new Layer("auth", Layer.NotReached, null, []));
        }
        else if (options.Credentials.Count == 0 && failure is { Code: ErrorCodes.SshAuthentication })
        {
            // Nothing was shown, so nothing was refused; what it says is what it would take.
            layers.Add(new Layer("auth", Layer.Skipped, report.Authentication, [$"nothing shown ({ExplainCommand.Identity.Name} names a key); {Wants(failure)}"]));
            failure = null;
        }
        else
        {
            layers.Add(new Layer("auth", failure is null ? Layer.Ok : Layer.Failed, report.Authentication, failure is null ? [$"as {user}"] : []));
        }
        if (target.Scheme == ExplainScheme.Sftp)
            failure = await AddFilesAsync(layers, question, user, options, report, failure);
        return new ExplainFindings(layers, failure) { Write = writer => Write(writer, report), Advice = [.. Advice(report)] };
    }

    private static IReadOnlyList<string> Agreed(SSHReport report)
    {
        if (report.Facts is not { } facts)
            return [];
        return
        [
            facts.ServerVersion,
            $"host key {facts.HostKeyFingerprint} ({facts.HostKeyAlgorithm}), {(report.IsHostKeyAccepted ? "accepted" : "NOT accepted")}",
            $"{facts.KeyExchange}, {facts.Encryption}{(facts.Integrity is null ? "" : $", {facts.Integrity}")}",
        ];
    }

    private static async Task<NetworkException?> AddFilesAsync(
        List<Layer> layers, ExplainQuestion question, string user, SSHClientOptions options, SSHReport report, NetworkException? failure)
    {
        if (!report.IsAuthenticated)
        {
            layers.Add(new Layer("sftp", failure is null ? Layer.Skipped : Layer.NotReached, null, failure is null ? ["not asked: nobody logged in"] : []));
            return failure;
        }
        var started = question.Clock.GetTimestamp();
        try
        {
            await using var ssh = await SSHClient.ConnectAsync(question.Target.Endpoint.Host, user, options: options, cancellationToken: question.Cancelled);
            started = question.Clock.GetTimestamp();
            await using var files = await ssh.OpenSftpAsync(question.Cancelled);
            var home = await files.GetRealPathAsync(".", question.Cancelled);
            layers.Add(new Layer("sftp", Layer.Ok, question.Clock.GetElapsedTime(started), [$"begins in {home}"]));
            return null;
        }
        catch (NetworkException error)
        {
            layers.Add(new Layer("sftp", Layer.Failed, question.Clock.GetElapsedTime(started), []));
            return error;
        }
    }

    private static string Wants(NetworkException refusal)
    {
        const string Mark = "it takes ";
        var at = refusal.Message.IndexOf(Mark, StringComparison.Ordinal);
        return at >= 0 ? $"it would take {refusal.Message[(at + Mark.Length)..].TrimEnd('.')}" : "it does not say what it would take";
    }

    private static IEnumerable<string> Advice(SSHReport report)
    {
        if (report.Facts is not { } facts)
            yield break;
        if (facts.HostKeyAlgorithm is "ssh-rsa" or "ssh-dss")
            yield return $"The host key is proved by {facts.HostKeyAlgorithm}, with SHA-1: let the server offer rsa-sha2-256 or ssh-ed25519.";
        if (!facts.KeyExchange.Contains("mlkem", StringComparison.Ordinal) && !facts.KeyExchange.Contains("sntrup", StringComparison.Ordinal))
            yield return "The key exchange does not resist a quantum computer of the future: OpenSSH 9.9 and later have mlkem768x25519-sha256.";
    }

    private static void Write(Utf8JsonWriter writer, SSHReport report)
    {
        writer.WriteStartObject("ssh");
        writer.WriteString("serverVersion", report.Facts?.ServerVersion);
        writer.WriteString("keyExchange", report.Facts?.KeyExchange);
        writer.WriteString("hostKeyAlgorithm", report.Facts?.HostKeyAlgorithm);
        writer.WriteString("hostKey", report.Facts?.HostKeyFingerprint);
        writer.WriteBoolean("hostKeyAccepted", report.IsHostKeyAccepted);
        writer.WriteString("encryption", report.Facts?.Encryption);
        writer.WriteString("integrity", report.Facts?.Integrity);
        writer.WriteBoolean("authenticated", report.IsAuthenticated);
        writer.WriteEndObject();
    }
}
