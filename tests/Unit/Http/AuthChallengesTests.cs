namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Reading <c>WWW-Authenticate</c>: commas part parameters and challenges alike.</summary>
public class AuthChallengesTests
{
    [Theory]
    [InlineData("Basic", "Basic()")]
    [InlineData("Basic realm=\"a, b\"", "Basic(realm=a, b)")]
    [InlineData("Basic realm=\"a\", Digest realm=\"b\", nonce=\"n\", Bearer", "Basic(realm=a) Digest(realm=b;nonce=n) Bearer()")]
    [InlineData("Negotiate, Digest realm=x", "Negotiate() Digest(realm=x)")]
    [InlineData("Negotiate YWJj==, Basic realm=\"r\"", "Negotiate() Basic(realm=r)")]
    [InlineData("Negotiate YWJj, Basic realm=r", "Negotiate() Basic(realm=r)")]
    [InlineData("Digest realm = \"a\\\"b\\\\c\" ,nonce=n", "Digest(realm=a\"b\\c;nonce=n)")]
    [InlineData(", , Basic realm=a , ,", "Basic(realm=a)")]
    [InlineData("Digest Realm=one, realm=two", "Digest(Realm=one)")]
    [InlineData("Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\", Basic realm=\"simple\"", "Newauth(realm=apps;type=1;title=Login to \"apps\") Basic(realm=simple)")]
    [InlineData("Digest realm=\"never closed", "Digest(realm=never closed)")]
    [InlineData("", "")]
    [InlineData("=", "")]
    public void Challenges_of_a_field_are_told_apart(string field, string expected)
    {
        var challenges = AuthChallenges.Parse(field);
        Assert.Equal(expected, string.Join(' ', challenges.Select(one => $"{one.Scheme}({string.Join(';', one.Parameters.Select(p => $"{p.Key}={p.Value}"))})")));
    }

    [Fact]
    public void Endless_challenges_and_parameters_are_bounded()
    {
        Assert.True(AuthChallenges.Parse(string.Concat(Enumerable.Repeat("a b=c, ", 10_000))).Count <= 32);
        Assert.True(AuthChallenges.Parse("a " + string.Join(",", Enumerable.Range(0, 10_000).Select(n => $"p{n}=v")))[0].Parameters.Count <= 64);
    }
}
