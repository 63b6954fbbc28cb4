using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Http.Protocol;
using Codomyrmex.Networking.Transfers.Internal;
using CsCheck;

namespace Codomyrmex.Networking.Tests.Unit.Transfers;

/// <summary>File names that servers suggest (CVE class 20), and names nobody can guess (CVE class 22).</summary>
public sealed class SafeNameTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [Trait("Cve", "20")]
    [InlineData("report.pdf", "report.pdf")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("..\\..\\boot.ini", "boot.ini")]
    [InlineData("/etc/cron.d/x", "x")]
    [InlineData("C:\\Windows\\x.dll", "x.dll")]
    [InlineData("C:x.dll", "C_x.dll")]
    [InlineData("x.txt:evil.exe", "x.txt_evil.exe")]
    [InlineData("a\0b\r\n\u001b[2Jc", "a_b___[2Jc")]
    [InlineData("a\u202etxt.exe", "a_txt.exe")]
    [InlineData("CON", "_CON")]
    [InlineData("nul.tar.gz", "_nul.tar.gz")]
    [InlineData("lpt9 .txt", "_lpt9 .txt")]
    [InlineData("com10.txt", "com10.txt")]
    [InlineData(".bashrc", "bashrc")]
    [InlineData("...", "download")]
    [InlineData("..", "download")]
    [InlineData(".", "download")]
    [InlineData("", "download")]
    [InlineData(null, "download")]
    [InlineData("folder/", "download")]
    [InlineData("name. . .", "name")]
    [InlineData("-rf", "_rf")]
    [InlineData("~root", "_root")]
    [InlineData("x.iso.codonet-resume", "x.iso.codonet-resume_")]
    [InlineData("x.iso.0123456789abcdef.PART", "x.iso.0123456789abcdef.PART_")]
    [InlineData(".\u00a0.\u3000bashrc", "bashrc")]
    [InlineData("name.\u00a0.", "name")]
    [InlineData("naïve résumé 日本.txt", "naïve résumé 日本.txt")]
    public void Suggested_name_becomes_a_harmless_one(string? suggested, string name) => Assert.Equal((name, name), (SafeName.Of(suggested), SafeName.Of(name)));

    [Fact]
    public void Long_name_keeps_its_extension()
    {
        var name = SafeName.Of(new string('é', 500) + ".tar");
        Assert.EndsWith(".tar", name);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(name), 190, 200);
    }

    [Fact]
    public void No_name_leaves_its_folder() => Gen.String.Sample(suggested =>
    {
        var name = SafeName.Of(suggested);
        return name.Length > 0 && name == Path.GetFileName(name) && name.AsSpan().IndexOfAny("/\\:\0") < 0 && name is not ("." or "..") &&
            Path.GetDirectoryName(Path.GetFullPath(Path.Combine("/folder", name))) == Path.GetFullPath("/folder");
    });

    [Theory]
    [Trait("Cve", "20")]
    [InlineData("attachment; filename=\"../../etc/passwd\"", "passwd")]
    [InlineData("attachment; filename=\"/etc/passwd\"", "passwd")]
    [InlineData("attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd", "passwd")]
    [InlineData("attachment; filename*=UTF-8''%C3%BCber.txt; filename=uber.txt", "über.txt")]
    [InlineData("attachment; filename=C:evil", "C_evil")]
    [InlineData("attachment; filename=\"x:y\"", "x_y")]
    [InlineData("attachment; filename*=UTF-8''a%00b", "a_b")]
    [InlineData("attachment", "data.bin")]
    [InlineData(null, "data.bin")]
    public async Task File_name_of_the_server_stays_in_the_folder(string? disposition, string name)
    {
        await using var server = new FileServer(10);
        if (disposition is not null)
            server.Fields.Add(new("Content-Disposition", disposition));
        using var client = new HTTPClient(FileServer.Options);
        var result = await client.DownloadAsync(server.Url, _folder.Path, cancellationToken: Stop);
        Assert.Equal(Path.Combine(_folder.Path, name), result.Path);
        Assert.Equal([name], Directory.EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories).Select(Path.GetFileName));
        var error = await Assert.ThrowsAsync<NetworkException>(() => client.DownloadAsync(server.Url, _folder.Path, cancellationToken: Stop));
        Assert.Equal(ErrorCodes.LocalExists, error.Code);
    }

    [Fact]
    public async Task Interrupted_download_into_a_folder_goes_on_under_the_name_of_the_server()
    {
        await using var server = new FileServer(1_000_000) { CutAt = number => number == 1 ? 400_000 : null };
        server.Fields.Add(new("Content-Disposition", "attachment; filename=\"named.bin\""));
        using var client = new HTTPClient(FileServer.Once);
        await Assert.ThrowsAsync<HTTPException>(() => client.DownloadAsync(server.Url, _folder.Path, cancellationToken: Stop));
        var result = await client.DownloadAsync(server.Url, _folder.Path, new() { Resume = true }, Stop);
        Assert.Equal((400_000, server.Sha256, "named.bin"), (result.ResumedFrom, result.Sha256, Path.GetFileName(result.Path)));
    }

    [Fact, Trait("Cve", "22")]
    public async Task Unfinished_file_has_a_random_name_and_is_for_its_owner_alone()
    {
        var names = new List<string>();
        await using var server = new FileServer(100_000) { PauseAt = 50_000 };
        using var client = new HTTPClient(FileServer.Options);
        for (var i = 0; i < 2; i++)
        {
            var begun = new Begun();
            server.Pause = async _ =>
            {
                await begun.Task;
                var part = Directory.GetFiles(_folder.Path, "*.part").Single();
                if (!OperatingSystem.IsWindows())
                    Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(part));
                names.Add(part);
            };
            await client.DownloadAsync(server.Url, Path.Combine(_folder.Path, "data.bin"), new() { Overwrite = true, Progress = begun }, Stop);
        }
        Assert.All(names, name => Assert.Matches(@"data\.bin\.[0-9a-f]{16}\.part$", name));
        Assert.True(names.Distinct().Count() >= 2);
    }

    [Fact]
    public async Task Finished_file_has_the_mode_of_any_other_file()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var other = Path.Combine(_folder.Path, "other");
        await File.WriteAllTextAsync(other, "x", Stop);
        await using var server = new FileServer(10);
        using var client = new HTTPClient(FileServer.Options);
        var target = Path.Combine(_folder.Path, "data.bin");
        await client.DownloadAsync(server.Url, target, cancellationToken: Stop);
        Assert.Equal(File.GetUnixFileMode(other), File.GetUnixFileMode(target));
        File.SetUnixFileMode(target, UnixFileMode.UserRead);
        await client.DownloadAsync(server.Url, target, new() { Overwrite = true }, Stop);
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(target));
    }

    [Theory]
    [InlineData("attachment; filename=a.txt", "a.txt")]
    [InlineData("attachment; FILENAME = \"a b.txt\"", "a b.txt")]
    [InlineData("attachment; filename=\"a\\\"b;c.txt\"; x=y", "a\"b;c.txt")]
    [InlineData("attachment; filename=\"plain\"; filename*=utf-8'en'%e2%82%ac.txt", "€.txt")]
    [InlineData("attachment; filename*=iso-8859-1''%e4.txt", "ä.txt")]
    [InlineData("attachment; filename*=UTF-8''%ff; filename=b", "b")]
    [InlineData("attachment; filename*=UTF-8''%4", null)]
    [InlineData("attachment; filename*=koi8''x", null)]
    [InlineData("attachment; filename=\"\u00c3\u00bc.txt\"", "ü.txt")]
    [InlineData("inline; flag; filename=c", "c")]
    [InlineData("attachment; filename=\"open", "open")]
    [InlineData("filename=x", null)]
    [InlineData("", null)]
    public void Content_disposition_is_read(string field, string? name) => Assert.Equal(name, ContentDisposition.FileName(field));

    private sealed class Begun : TaskCompletionSource, IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => TrySetResult();
    }
}
