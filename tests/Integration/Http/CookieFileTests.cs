using System.Globalization;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Integration.Http;

/// <summary>A jar on the disk, where the disk is full or the process is killed in the middle: nothing that was saved before is lost.</summary>
public class CookieFileTests
{
    private const int Kills = 30;

    private static readonly Uri Site = new("http://site.test/");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_in_the_middle_of_saving_again_and_again_a_jar_is_whole_and_has_all_that_was_saved()
    {
        var folder = Directory.CreateTempSubdirectory("codonet-cookies-");
        try
        {
            var file = Path.Combine(folder.FullName, "cookies.json");
            var random = new Random(1);
            var inTheMiddle = 0;
            for (var kill = 0; kill < Kills; kill++)
            {
                using var process = TestProcess.Start("cookies", file);
                var saved = 0;
                for (var lines = random.Next(1, 12); lines > 0; lines--)
                    saved = int.Parse((await process.StandardOutput.ReadLineAsync(Stop))!, CultureInfo.InvariantCulture);
                await TestProcess.KillAsync(process, Stop);
                // What it had said before it died, and nobody had read yet.
                while (await process.StandardOutput.ReadLineAsync(Stop) is { } line)
                    saved = int.TryParse(line, CultureInfo.InvariantCulture, out var last) ? last : saved;

                var jar = await CookieJar.LoadAsync(file, cancellationToken: Stop);
                Assert.Equal(101, jar.Count);
                var cookies = jar.HeaderFor(Site)!.Split("; ");
                Assert.InRange(int.Parse(cookies.Single(cookie => cookie.StartsWith("n=", StringComparison.Ordinal))[2..], CultureInfo.InvariantCulture), saved, saved + 1);
                inTheMiddle = Directory.GetFiles(folder.FullName).Length - 1;
            }
            // A file that was begun and never put in place is what a kill in the middle leaves.
            Assert.True(inTheMiddle > 0, "No kill came in the middle: they proved nothing.");
            TestContext.Current.TestOutputHelper?.WriteLine($"{inTheMiddle} of {Kills} kills in the middle of saving");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Full_disk_is_an_error_and_the_jar_on_it_stays_as_it_was()
    {
        using var disk = new SmallDisk(kilobytes: 64);
        var file = Path.Combine(disk.Folder, "cookies.json");
        var jar = new CookieJar();
        jar.Set(Site, "first=1; Max-Age=1000");
        await jar.SaveAsync(file, Stop);
        var before = await File.ReadAllBytesAsync(file, Stop);
        for (var i = 0; i < 60; i++)
            jar.Set(Site, $"c{i}={new string('x', 2000)}; Max-Age=1000");
        await Assert.ThrowsAnyAsync<IOException>(() => jar.SaveAsync(file, Stop));
        Assert.Equal(before, await File.ReadAllBytesAsync(file, Stop));
        Assert.Equal([file], Directory.GetFiles(disk.Folder));

        disk.Resize(kilobytes: 1024);
        await jar.SaveAsync(file, Stop);
        Assert.Equal(jar.Count, (await CookieJar.LoadAsync(file, cancellationToken: Stop)).Count);
    }
}
