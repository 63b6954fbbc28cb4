using System.Text.RegularExpressions;
using Codomyrmex.Networking.Http.Internal;
using Codomyrmex.Networking.Tests.Unit.Repository;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Looking up what somebody can register.</summary>
public partial class PublicSuffixesTests
{
    [Fact]
    public void The_library_says_of_when_its_list_is() =>
        Assert.Equal((PublicSuffixListTests.Date.Year * 10_000) + (PublicSuffixListTests.Date.Month * 100) + PublicSuffixListTests.Date.Day, PublicSuffixes.Date);

    /// <summary>The vectors that are published with the list: a name and what of it somebody can register.</summary>
    public static TheoryData<string, string?> Vectors => [.. from line in RepositoryFiles.Read("data/public_suffix_tests.txt").Split('\n')
                                                             let vector = Vector().Match(line)
                                                             where vector.Success
                                                             select new TheoryDataRow<string, string?>(vector.Groups["name"].Value, vector.Groups["site"].Value is { Length: > 0 } site ? site : null)];

    [Theory, MemberData(nameof(Vectors))]
    public void Registrable_name_is_that_of_the_published_vectors(string name, string? site)
    {
        var host = HostText.Parse(name);
        if (host.Problem is not null)
        {
            Assert.Null(site);
            return;
        }
        var canonical = host.Canonical();
        Assert.Equal(site is null, PublicSuffixes.Contains(canonical));
        Assert.Equal(HostText.Parse(site ?? name).Canonical(), PublicSuffixes.Site(canonical));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("localhost")]
    public void Address_or_a_lone_name_is_its_own_site(string host) => Assert.Equal(host, PublicSuffixes.Site(host));

    [Fact]
    public void Look_up_allocates_nothing()
    {
        PublicSuffixes.Site("a.b.example.co.uk");
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            PublicSuffixes.Site("a.b.example.co.uk");
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [GeneratedRegex(@"^checkPublicSuffix\('(?<name>[^']+)', (null|'(?<site>[^']+)')\);")]
    private static partial Regex Vector();
}
