using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Http.Internal;

namespace Codomyrmex.Networking.Tests.Unit.Http;

public class NetrcTests
{
    private const string Sample = """
        # comment
        machine a.test login ada password "p w"
        machine b.test
            login bob
            account ignored
            password pw
        macdef init
        machine evil.test login x password y

        default login guest password guest
        """;

    [Theory]
    [InlineData("a.test", "ada", "p w")]
    [InlineData("b.test", "bob", "pw")]
    [InlineData("sub.a.test", "guest", "guest")]
    [InlineData("evil.test", "guest", "guest")]
    [InlineData("xa.test", "guest", "guest")]
    public void The_entry_of_the_very_host_is_found(string host, string user, string password) =>
        Assert.Equal((user, password), Netrc.Find(Sample, host));

    [Fact]
    public void No_entry_and_no_default_is_nothing() => Assert.Null(Netrc.Find("machine a.test login x password y", "b.test"));

    [Theory]
    [InlineData("machine", "line 1")]
    [InlineData("\nlogin x", "line 2")]
    [InlineData("machine a login \"x", "line 1")]
    public void A_malformed_file_names_its_line(string text, string where) =>
        Assert.Contains(where, Assert.Throws<FormatException>(() => Netrc.Find(text, "a")).Message);

    [Fact]
    public void A_credential_from_a_file_is_bound_to_the_origin_it_was_asked_for()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, Sample);
            var credential = Credential.FromNetrc("https://a.test/", path);
            Assert.NotNull(credential);
            Assert.NotNull(credential.ValueFor("https://a.test:443"));
            Assert.Null(credential.ValueFor("http://a.test:80"));
            Assert.Null(credential.ValueFor("https://b.test:443"));
            Assert.DoesNotContain("p w", credential.ToString());
        }
        finally
        {
            File.Delete(path);
        }
    }
}
