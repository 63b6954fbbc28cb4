using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Tests.Cli.Parsing;

public class RequestItemTests
{
    [Theory]
    [InlineData("a=b", "Field", "a", "b")]
    [InlineData("a=", "Field", "a", "")]
    [InlineData("a=b=c:d", "Field", "a", "b=c:d")]
    [InlineData("a:=1", "Json", "a", "1")]
    [InlineData("a:=[1,{\"b\":null}]", "Json", "a", "[1,{\"b\":null}]")]
    [InlineData("q==x y", "Query", "q", "x y")]
    [InlineData("q===x", "Query", "q", "=x")]
    [InlineData("X-Token:abc", "Header", "X-Token", "abc")]
    [InlineData("X-Token: abc ", "Header", "X-Token", "abc")]
    [InlineData("X-Url:http://a/?b=c", "Header", "X-Url", "http://a/?b=c")]
    [InlineData("Accept:", "Header", "Accept", "")]
    [InlineData(@"a\:b=c", "Field", "a:b", "c")]
    [InlineData(@"a\=b==c", "Query", "a=b", "c")]
    [InlineData(@"a\\=c", "Field", @"a\", "c")]
    [InlineData(@"a\b=c", "Field", @"a\b", "c")]
    [InlineData("mail=a@b.example", "Field", "mail", "a@b.example")]
    public void An_item_is_read_as_httpie_reads_it(string text, string kind, string name, string value)
    {
        var item = RequestItem.Parse(text);
        Assert.Equal((kind, name, value), (item.Kind.ToString(), item.Name, item.Value));
    }

    [Theory]
    [InlineData("plain", "is not a request item")]
    [InlineData("=x", "has no name")]
    [InlineData(":x", "has no name")]
    [InlineData("a:={", "is not JSON")]
    [InlineData("a:=", "is not JSON")]
    [InlineData("f@missing.bin", "there is no file 'missing.bin'")]
    public void A_wrong_item_is_named(string text, string message)
    {
        var error = Assert.Throws<UsageException>(() => RequestItem.Parse(text));
        Assert.Contains(message, error.Message);
        Assert.Equal(text, error.Argument);
    }

    [Fact]
    public void A_file_item_names_a_file_that_exists()
    {
        var path = Path.GetTempFileName();
        try
        {
            Assert.Equal(new RequestItem(RequestItemKind.File, "f", path), RequestItem.Parse("f@" + path));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
