using Codomyrmex.Networking.Tests.Conformance.Client;

namespace Codomyrmex.Networking.Tests.Conformance;

public class PlatformTests
{
    public static IEnumerable<TheoryDataRow<string>> Everything => AllCases.OfSections(1, 14);

    [Theory, MemberData(nameof(Everything))]
    public Task The_platform_client_keeps_to(string id) => ConformanceRun.PlayAsync(AllCases.ById[id], PlatformClient.ConnectAsync);
}
