using System.Reflection;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Samples;

/// <summary>Runs every sample: <c>public static class X { public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct) }</c>.</summary>
public class SampleTests
{
    private static readonly Type[] Parameters = [typeof(Uri), typeof(TextWriter), typeof(CancellationToken)];

    private static IEnumerable<Type> Samples => Assembly.Load("Codomyrmex.Networking.Samples").GetExportedTypes().Where(type => !type.IsNested);

    public static TheoryData<string> Names => [.. Samples.Select(type => type.Name)];

    [Theory, MemberData(nameof(Names))]
    public async Task Sample_runs_and_says_something(string name)
    {
        var run = Samples.Single(type => type.Name == name).GetMethod("RunAsync", Parameters);
        Assert.NotNull(run);
        var output = new StringWriter();
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        await (Task)run.Invoke(null, [server.Url, output, TestContext.Current.CancellationToken])!;
        TestContext.Current.TestOutputHelper?.WriteLine(output.ToString());
        Assert.NotEmpty(output.ToString());
    }
}
