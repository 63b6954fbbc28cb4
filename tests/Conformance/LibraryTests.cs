using Codomyrmex.Networking.Tests.Conformance.Client;

namespace Codomyrmex.Networking.Tests.Conformance;

public class LibraryTests
{
    /// <summary>The cases in which our client does otherwise, and says why in <c>DEVIATIONS.md</c>.</summary>
    private static readonly string[] Deviations = ["13.5.6", "13.5.7"];

    public static IEnumerable<TheoryDataRow<string>> Framing => Keeps(1, 1);

    public static IEnumerable<TheoryDataRow<string>> Pings => Keeps(2, 2);

    public static IEnumerable<TheoryDataRow<string>> Reserved => Keeps(3, 4);

    public static IEnumerable<TheoryDataRow<string>> Fragments => Keeps(5, 5);

    public static IEnumerable<TheoryDataRow<string>> Utf8 => Keeps(6, 6);

    public static IEnumerable<TheoryDataRow<string>> Closes => Keeps(7, 7);

    public static IEnumerable<TheoryDataRow<string>> Limits => Keeps(9, 10);

    public static IEnumerable<TheoryDataRow<string>> Compression => Keeps(12, 13);

    public static IEnumerable<TheoryDataRow<string>> Handshakes => Keeps(14, 14);

    [Theory, MemberData(nameof(Framing)), MemberData(nameof(Pings)), MemberData(nameof(Reserved)), MemberData(nameof(Fragments))]
    public Task Frames_are_read_as_RFC_6455_says(string id) => PlayAsync(id);

    [Theory, MemberData(nameof(Utf8))]
    public Task Texts_are_UTF8_and_fail_at_the_first_octet_that_is_not(string id) => PlayAsync(id);

    [Theory, MemberData(nameof(Closes))]
    public Task The_close_handshake_is_kept_to(string id) => PlayAsync(id);

    [Theory, MemberData(nameof(Limits))]
    public Task Large_messages_and_many_messages_come_through(string id) => PlayAsync(id);

    [Theory, MemberData(nameof(Compression))]
    public Task Compression_is_that_of_RFC_7692(string id) => PlayAsync(id);

    [Theory, MemberData(nameof(Handshakes))]
    public Task Answers_to_the_handshake_are_checked(string id) => PlayAsync(id);

    [Fact]
    public void Every_deviation_is_explained()
    {
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "DEVIATIONS.md"));
        Assert.All(Deviations, id => Assert.Contains(AllCases.ById[id].ToString(), page));
        Assert.Equal(Deviations.Length, page.Split('\n').Count(line => line.StartsWith("- ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_deviation_still_is_one() => Assert.All(Deviations, id => Assert.ThrowsAny<Exception>(() => PlayAsync(id).GetAwaiter().GetResult()));

    private static IEnumerable<TheoryDataRow<string>> Keeps(int first, int last) => AllCases.OfSections(first, last).Where(row => !Deviations.Contains(row.Data));

    private static Task PlayAsync(string id) => ConformanceRun.PlayAsync(AllCases.ById[id], LibraryClient.ConnectAsync);
}
