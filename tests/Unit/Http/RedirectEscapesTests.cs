using Codomyrmex.Networking.Http.Internal;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;

namespace Codomyrmex.Networking.Tests.Unit.Http;

public class RedirectEscapesTests
{
    [Theory]
    [InlineData("/a b?c d", "http://a.test/a%20b?c%20d")]
    [InlineData("/gr\u00c3\u00bc\u00c3\u009fe", "http://a.test/gr%C3%BC%C3%9Fe")]
    [InlineData("/gr\u00fc\u00dfe", "http://a.test/gr%FC%DFe")]
    [InlineData("http://b.test/x y", "http://b.test/x%20y")]
    public void Spaces_and_raw_utf8_in_a_location_are_escaped(string location, string expected) =>
        Assert.Equal(expected, Redirect.Target(new Uri("http://a.test/"), 302, location, RedirectOptions.Default, EgressPolicy.Unrestricted).AbsoluteUri);

    [Theory]
    [InlineData("http://b .test/")]
    [InlineData("http://b\u00e9.test/")]
    [InlineData("/a\tb")]
    public void What_has_no_escape_is_refused(string location) => Assert.Equal(ErrorCodes.HttpRedirectRefused, Assert.Throws<HTTPException>(
        () => Redirect.Target(new Uri("http://a.test/"), 302, location, RedirectOptions.Default, EgressPolicy.Unrestricted)).Code);
}
