namespace Codomyrmex.Networking.Tests.Unit;

public class RedactorTests
{
    [Theory]
    [InlineData("GET https://bob:hunter2@example.com/x", "GET https://***@example.com/x")]
    [InlineData("https://a/?api_key=s3cret&page=2", "https://a/?api_key=***&page=2")]
    [InlineData("Authorization: Bearer abc.def", "Authorization: ***")]
    [InlineData("sent Bearer abc.def to x", "sent Bearer *** to x")]
    [InlineData("X-Api-Key: 123\r\nHost: a", "X-Api-Key: ***\r\nHost: a")]
    [InlineData("https://h/?X-Amz-Signature=aa&x=1", "https://h/?X-Amz-Signature=***&x=1")]
    [InlineData("{\"access_token\": \"a\\\"b\", \"code\":\"x\"}", "{\"access_token\": \"***\", \"code\":\"x\"}")]
    [InlineData("\"password\":\"cut", "\"password\":\"***")]
    [InlineData("\"password\":\"\\", "\"password\":\"***")]
    [InlineData("nothing hidden: http://example.com:8080/path?page=1", "nothing hidden: http://example.com:8080/path?page=1")]
    public void Secrets_are_masked_and_the_rest_stays(string text, string expected) => Assert.Equal(expected, Redactor.Redact(text));

    [Fact]
    public void An_exception_masks_its_message_when_it_is_made()
    {
        var error = new NetworkFailure { Code = ErrorCodes.TcpRefused, Message = "http://u:canary@h refused" }.ToException(new IOException("token=canary"));
        Assert.DoesNotContain("canary", error.Message);
        Assert.DoesNotContain("canary", error.Failure.Message);
        Assert.DoesNotContain("canary", error.ToString());
    }

    [Fact]
    public void A_megabyte_of_hostile_text_takes_linear_time()
    {
        var text = string.Concat(Enumerable.Repeat("://@=Bearer Basic token= :", 40_000));
        Assert.Equal(text.Length > 0, Redactor.Redact(text).Length > 0);
    }
}
