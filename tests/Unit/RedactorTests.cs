namespace Codomyrmex.Networking.Tests.Unit;

public class RedactorTests
{
    [Theory]
    [InlineData("GET https://bob:hunter2@example.com/x", "GET https://***@example.com/x")]
    [InlineData("https://a/?api_key=s3cret&page=2", "https://a/?api_key=***&page=2")]
    [InlineData("Authorization: Bearer abc.def", "Authorization: ***")]
    [InlineData("sent Bearer abc.def to x", "sent Bearer *** to x")]
    [InlineData("X-AuthToken: 123\nX-Serverless-Authorization: Bearer a b\nX: y", "X-AuthToken: ***\nX-Serverless-Authorization: ***\nX: y")]
    [InlineData("asked for Negotiate YII= and newPassword=x", "asked for Negotiate *** and newPassword=***")]
    [InlineData("X-Api-Key: 123\r\nHost: a", "X-Api-Key: ***\r\nHost: a")]
    [InlineData("https://h/?X-Amz-Signature=aa&x=1", "https://h/?X-Amz-Signature=***&x=1")]
    [InlineData("{\"access_token\": \"a\\\"b\", \"code\":\"x\"}", "{\"access_token\": \"***\", \"code\":\"x\"}")]
    [InlineData("\"password\":\"cut", "\"password\":\"***")]
    [InlineData("\"password\":\"\\", "\"password\":\"***")]
    [InlineData("nothing hidden: http://example.com:8080/path?page=1", "nothing hidden: http://example.com:8080/path?page=1")]
    public void Secrets_are_masked_and_the_rest_stays(string text, string expected) => Assert.Equal(expected, Redactor.Redact(text));

    [Theory]
    [InlineData("X-Any", "Bearer abc", true)]
    [InlineData("X-Any", "token abc", true)]
    [InlineData("X-Any", "Tokens are counted", false)]
    [InlineData("WWW-Authenticate", "Basic realm=\"r\"", false)]
    [InlineData("X-Session-Id", "1", true)]
    [InlineData("X-Passport", "1", false)]
    [InlineData("Accept", "text/html", false)]
    public void A_header_is_secret_by_its_name_or_by_its_scheme(string name, string value, bool isSecret)
    {
        Assert.Equal(isSecret, Redactor.IsSecretHeader(name, value));
        Assert.Equal(isSecret, !new HeaderMap { [name] = value }.ToString().Contains(value));
    }

    [Fact]
    public void An_exception_masks_its_message_when_it_is_made()
    {
        var error = new NetworkFailure { Code = ErrorCodes.TcpRefused, Message = "http://u:canary@h refused" }.ToException(new IOException("token=canary"));
        Assert.DoesNotContain("canary", error.Message);
        Assert.DoesNotContain("canary", error.Failure.Message);
        Assert.DoesNotContain("canary", error.ToString());
    }

    [Fact]
    public void An_exception_escapes_what_would_turn_break_or_hide_its_text()
    {
        var error = new NetworkFailure { Code = ErrorCodes.TcpReset, Message = "peer said 'abc\u202Egnp.exe\u2028' \u200Bx\u001b[2J" }.ToException(new IOException("inner\u202E\n\u001b"));
        Assert.Equal(@"peer said 'abc\u202egnp.exe\u2028' \u200bx\u001b[2J", error.Message);
        Assert.Contains(@"inner\u202e" + "\n" + @"\u001b", error.ToString());
    }

    [Fact]
    public void A_megabyte_of_hostile_text_takes_linear_time()
    {
        var text = string.Concat(Enumerable.Repeat("://@=Bearer Basic token= :", 40_000));
        Assert.Equal(text.Length > 0, Redactor.Redact(text).Length > 0);
    }
}
