using System.Reflection;

namespace Codomyrmex.Networking.Tests.Unit.Samples;

/// <summary>Runs every sample: <c>public static class X { public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct) }</c>.</summary>
public class SampleTests
{
    private static readonly Type[] Parameters = [typeof(Uri), typeof(TextWriter), typeof(CancellationToken)];

    private static IEnumerable<Type> Samples => Assembly.Load("Codomyrmex.Networking.Samples").GetExportedTypes();

    public static TheoryData<string> Names => [.. Samples.Select(type => type.Name)];

    [Theory, MemberData(nameof(Names))]
    public async Task Sample_runs_and_says_something(string name)
    {
        var run = Samples.Single(type => type.Name == name).GetMethod("RunAsync", Parameters);
        Assert.NotNull(run);
        var output = new StringWriter();
        await (Task)run.Invoke(null, [new Uri("http://127.0.0.1:9/"), output, TestContext.Current.CancellationToken])!;
        Assert.NotEmpty(output.ToString());
    }
}
