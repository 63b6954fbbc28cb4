using System.Security.Cryptography;
using System.Text;
using Codomyrmex.Networking.Http;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Row of the callers' table: webhook signature check.</summary>
public class WebhookSignatureTests
{
    // The example of the specification of Standard Webhooks.
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const string Time = "1614265330";
    private const string Body = """{"test": 2432232314}""";
    private const string Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeSeconds(1614265330));

    private WebhookOptions Options => new() { Clock = _clock };

    [Theory]
    [InlineData("webhook-")]
    [InlineData("svix-")]
    public void The_example_of_the_specification_is_right(string prefix) =>
        Assert.Equal(Id, new WebhookSignature(Secret, Options).Verify(Headers(Signature, prefix: prefix), Encoding.UTF8.GetBytes(Body)));

    [Fact]
    public void One_right_signature_of_several_is_enough_also_by_an_older_secret()
    {
        var many = $"v1a,xxxx v1,{Convert.ToBase64String(new byte[32])} v1,short {Signature}";
        Assert.Equal(Id, new WebhookSignature(Secret, Options).Verify(Headers(many), Encoding.UTF8.GetBytes(Body)));
        var rotated = new WebhookSignature("whsec_" + Convert.ToBase64String(new byte[24]), Options with { OtherSecrets = [Secret] });
        Assert.Equal(Id, rotated.Verify(Headers(Signature), Encoding.UTF8.GetBytes(Body)));
    }

    [Theory]
    [InlineData("another body")]
    [InlineData("another id")]
    [InlineData("another time")]
    [InlineData("another secret")]
    [InlineData("no version")]
    [InlineData("too many")]
    public void What_was_not_signed_by_the_secret_is_refused(string change)
    {
        var check = new WebhookSignature(change == "another secret" ? "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(24)) : Secret, Options);
        var signature = change switch { "no version" => Signature[3..], "too many" => string.Concat(Enumerable.Repeat("v1,x ", 16)) + Signature, _ => Signature };
        var headers = Headers(signature, change == "another id" ? "msg_x" : Id, change == "another time" ? "1614265331" : Time);
        var error = Assert.Throws<NetworkException>(() => check.Verify(headers, Encoding.UTF8.GetBytes(change == "another body" ? Body + " " : Body)));
        Assert.Equal("signature.invalid", error.Code);
    }

    [Theory]
    [InlineData(300, true)]
    [InlineData(301, false)]
    [InlineData(-300, true)]
    [InlineData(-301, false)]
    public void A_message_of_another_time_is_refused(int seconds, bool isTaken)
    {
        var check = new WebhookSignature(Secret, Options with { Clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1614265330 + seconds)) });
        if (isTaken)
            check.Verify(Headers(Signature), Encoding.UTF8.GetBytes(Body));
        else
            Assert.Equal("signature.expired", Assert.Throws<NetworkException>(() => check.Verify(Headers(Signature), Encoding.UTF8.GetBytes(Body))).Code);
    }

    [Fact]
    public void What_is_missing_or_comes_twice_is_no_signature()
    {
        var check = new WebhookSignature(Secret, Options);
        Assert.Equal("signature.missing", Assert.Throws<NetworkException>(() => check.Verify(new HeaderMap(), [])).Code);
        var twice = Headers(Signature);
        twice.Add("webhook-timestamp", "0");
        Assert.Equal("signature.missing", Assert.Throws<NetworkException>(() => check.Verify(twice, Encoding.UTF8.GetBytes(Body))).Code);
    }

    [Fact]
    public void Secrets_are_checked_and_never_shown()
    {
        Assert.DoesNotContain("short", Assert.Throws<ArgumentException>(() => new WebhookSignature("whsec_short")).Message);
        Assert.DoesNotContain(Secret[6..], new WebhookSignature(Secret, Options).ToString());
        Assert.DoesNotContain(Secret[6..], (Options with { OtherSecrets = [Secret] }).ToString());
        Assert.Contains("WebhookOptions.Tolerance", Assert.Throws<ArgumentOutOfRangeException>(() => new WebhookSignature(Secret, Options with { Tolerance = TimeSpan.Zero })).Message);
    }

    private static HeaderMap Headers(string signature, string id = Id, string time = Time, string prefix = "webhook-") =>
        new() { [prefix + "id"] = id, [prefix + "timestamp"] = time, [prefix + "signature"] = signature };
}
