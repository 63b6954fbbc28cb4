using System.Reflection;
using System.Text.RegularExpressions;

namespace Codomyrmex.Networking.Tests.Unit.Repository;

public partial class ErrorCatalogueTests
{
    /// <summary>The codes that programs rely on. Codes are added here, never taken away.</summary>
    private static readonly string[] Promised =
    [
        "dns.not_found", "dns.server_failure", "dns.timeout",
        "tcp.refused", "tcp.reset", "tcp.unreachable", "tcp.closed_early",
        "tcp.frame_too_large", "tcp.frame_malformed", "tcp.too_slow",
        "udp.refused", "udp.unreachable", "udp.too_large",
        "local.descriptors", "local.ports", "local.address", "local.io", "local.exists",
        "timeout.resolve", "timeout.connect", "timeout.tls", "timeout.first_byte", "timeout.idle", "timeout.total",
        "tls.expired", "tls.not_yet_valid", "tls.name_mismatch", "tls.untrusted", "tls.revoked", "tls.weak", "tls.pin",
        "tls.client_certificate_required", "tls.protocol", "tls.closed_early",
        "http.malformed", "http.truncated", "http.too_large", "http.decode", "http.too_many_redirects", "http.redirect_refused",
        "http.status", "http.stream_truncated", "http.version_unavailable", "http.pages", "http.authentication", "http.operation_failed",
        "transfer.mismatch", "transfer.changed",
        "rate.limited", "rate.queue_full", "rate.circuit_open", "rate.store_unavailable",
        "budget.requests", "budget.connections", "budget.bytes", "budget.time", "budget.hosts",
        "proxy.refused", "proxy.authentication", "proxy.protocol", "proxy.exhausted",
        "ws.handshake", "ws.protocol", "ws.too_large", "ws.closed_abnormally",
        "outbox.full", "outbox.journal", "fleet.unreachable", "fleet.no_campaign", "fleet.no_agent", "fleet.agent_taken",
        "model.interrupted", "model.error", "model.malformed", "model.budget_tokens", "model.budget_cost",
        "rpc.remote", "rpc.no_method", "rpc.invalid_parameters", "rpc.protocol", "rpc.disconnected", "rpc.stopping",
        "ssh.host_key_unknown", "ssh.host_key_changed", "ssh.host_key_revoked", "ssh.host_key_unverified", "ssh.key_file", "ssh.agent", "ssh.configuration", "ssh.authentication", "ssh.protocol", "ssh.disconnected", "ssh.channel", "ssh.exit_status", "ssh.output_too_large",
        "sftp.no_such_file", "sftp.permission", "sftp.truncated", "sftp.unsafe_name", "sftp.exists", "sftp.failure", "sftp.unsupported", "sftp.malformed",
        "policy.denied", "policy.robots",
        "signature.missing", "signature.invalid", "signature.expired",
    ];

    public static TheoryData<string> Codes => [.. ErrorCodes.All.Select(info => info.Code)];

    private static IEnumerable<string> Constants =>
        typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Where(constant => constant.IsLiteral).Select(constant => (string)constant.GetRawConstantValue()!);

    [Fact]
    public void Every_constant_is_in_the_catalogue_once_and_nothing_else_is() =>
        Assert.Equal(Constants.Order(StringComparer.Ordinal), ErrorCodes.All.Select(info => info.Code).Order(StringComparer.Ordinal));

    [Fact]
    public void No_promised_code_is_gone() => Breaches.AreNone(Promised.Except(Constants));

    [Theory, MemberData(nameof(Codes))]
    public void A_code_is_lower_case_with_one_dot(string code) => Assert.Matches(CodeForm(), code);

    [Theory, MemberData(nameof(Codes))]
    public void A_failure_becomes_the_exception_that_the_catalogue_names(string code)
    {
        var error = new NetworkFailure { Code = code, Message = "x" }.ToException();
        Assert.Equal(ErrorCodes.Find(code)!.ExceptionType, error.GetType());
        Assert.Equal(ErrorCodes.Find(code)!.IsTransient, error.IsTransient);
    }

    [Theory, MemberData(nameof(Codes))]
    public void Summary_and_hint_are_sentences(string code)
    {
        var info = ErrorCodes.Find(code)!;
        Assert.All([info.Summary, info.Hint], sentence =>
        {
            Assert.True(char.IsUpper(sentence[0]), sentence);
            Assert.EndsWith(".", sentence);
            Assert.True(sentence.Length is > 8 and <= 120 || sentence is "Reconnect.", sentence);
        });
    }

    [Fact]
    public void Every_exception_type_has_one_exit_code()
    {
        var types = typeof(NetworkException).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(NetworkException)));
        Assert.Equal(types.OrderBy(type => type.Name), ExitCodeTable.Codes.Keys.OrderBy(type => type.Name));
        Assert.Equal(Enumerable.Range(70, 11), ExitCodeTable.Codes.Values.Distinct().Order());
        Assert.Equal(ExitCodeTable.Codes[typeof(SSHException)], ExitCodeTable.Codes[typeof(SftpException)]);
    }

    [Fact]
    public void Every_exception_type_has_a_code() =>
        Assert.Empty(ExitCodeTable.Codes.Keys.Except(ErrorCodes.All.Select(info => info.ExceptionType)));

    [GeneratedRegex(@"^[a-z]+\.[a-z_]+$")]
    private static partial Regex CodeForm();
}
