using System.Text;

namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>Every target. To add one: a line here or in a list named here, at least one file in <c>tests/Fuzz/seeds/NAME</c>.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("redactor", Redact) { Words = ["://", "@", "token=", "Bearer ", "Authorization: ", "\r\n", "***", "\"", "&"] },
        .. HostTargets.All,
        .. PeerTargets.All,
        .. TransferTargets.All,
        .. StateTargets.All,
        .. StreamTargets.All,
        .. SocketTargets.All,
        .. WebSocketTargets.All,
        .. LlmTargets.All,
        .. RpcTargets.All,
        .. AgentTargets.All,
        .. CrawlTargets.All,
        .. ScanningTargets.All,
        .. SshTargets.All,
        .. SshChannelTargets.All,
    ];

    private static void Redact(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        Promise.Keep(Redactor.Redact(text) == text || Redactor.Redact(text).Contains(Redactor.Mask, StringComparison.Ordinal), "what is taken out is masked");
        Promise.Keep(!Redactor.Redact($"https://user:canary@h/ {text}").Contains("canary", StringComparison.Ordinal), "what follows a password unmasks it");
        Promise.Keep(!Redactor.Redact($"{text}\nAuthorization: canary").Contains("canary", StringComparison.Ordinal), "what precedes a header unmasks it");
    }
}
