using System.Diagnostics;

namespace Codomyrmex.Networking.Tests.Integration.Sockets;

/// <summary>Where there is no event loop of ours (other systems, or switched off), connections are the platform's: the same tests hold there.</summary>
public class PlatformSocketsTests
{
    [Theory]
    [InlineData("Codomyrmex.Networking.Tests.Unit.Sockets")]
    [InlineData("Codomyrmex.Networking.Tests.Unit.WebSockets")]
    public async Task Connections_behave_the_same_with_the_event_loop_switched_off(string area)
    {
        var tests = Path.Combine(AppContext.BaseDirectory.Replace("Integration", "Unit", StringComparison.Ordinal), "Codomyrmex.Networking.Tests.Unit.dll");
        Assert.True(File.Exists(tests), $"There is no {tests}; ./dev it builds it.");
        var settings = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.runtimeconfig.json");
        var own = await File.ReadAllTextAsync(Path.ChangeExtension(tests, ".runtimeconfig.json"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(settings, own.Replace("\"configProperties\": {", "\"configProperties\": { \"Codomyrmex.Networking.EventLoop\": false,", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        try
        {
            using var run = Process.Start(new ProcessStartInfo("dotnet", ["exec", "--runtimeconfig", settings, tests, "--progress", "off", "--filter-namespace", area]) { RedirectStandardOutput = true })!;
            var output = await run.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await run.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(run.ExitCode == 0, output);
            Assert.Matches(@"succeeded: \d\d", output);
        }
        finally
        {
            File.Delete(settings);
        }
    }
}
