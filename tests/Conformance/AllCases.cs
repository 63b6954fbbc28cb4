using Codomyrmex.Networking.Tests.Conformance.Cases;

namespace Codomyrmex.Networking.Tests.Conformance;

/// <summary>Every case by its number.</summary>
internal static class AllCases
{
    public static IReadOnlyDictionary<string, ConformanceCase> ById { get; } = ((IEnumerable<ConformanceCase>)
        [
            .. FramingCases.All, .. PingCases.All, .. ReservedCases.All, .. FragmentationCases.All, .. Utf8Cases.All, .. CloseCases.All,
            .. LimitCases.All, .. CompressionCases.All, .. HandshakeCases.All,
        ]).ToDictionary(static that => that.Id);

    public static IEnumerable<TheoryDataRow<string>> OfSections(int first, int last) =>
        ById.Values.Where(that => that.Section >= first && that.Section <= last).Select(static that => new TheoryDataRow<string>(that.Id) { TestDisplayName = that.ToString() });
}
