using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>A cookie jar on disk.</summary>
public sealed class CookieJarFileTests : IDisposable
{
    private readonly TemporaryDirectory _place = new();

    private string File => Path.Combine(_place.Path, "cookies.json");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task Jar_outlives_the_process_and_is_the_owners_alone()
    {
        var jar = new CookieJar();
        jar.Set(new Uri("https://www.a.test/x/y"), "id=7; Domain=a.test; Secure; HttpOnly; SameSite=Lax; Max-Age=1000");
        jar.Set(new Uri("http://b.test/"), "\u00e9=\u00fc; Max-Age=1000");
        await jar.SaveAsync(File, Stop);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        var again = await CookieJar.LoadAsync(File, cancellationToken: Stop);
        Assert.Equal(jar.Cookies, again.Cookies);
        Assert.Equal("id=7", again.HeaderFor(new Uri("https://sub.a.test/x")));
        Assert.Single(Directory.GetFiles(_place.Path));
    }

    [Fact]
    public async Task Cookies_of_the_session_are_written_only_where_asked()
    {
        foreach (var isAsked in (bool[])[false, true])
        {
            var jar = new CookieJar(new CookieJarOptions { SaveSessionCookies = isAsked });
            jar.Set(new Uri("http://a.test/"), "session=1");
            await jar.SaveAsync(File, Stop);
            Assert.Equal(isAsked ? 1 : 0, (await CookieJar.LoadAsync(File, cancellationToken: Stop)).Count);
        }
    }

    [Fact]
    public async Task Absent_file_is_an_empty_jar() => Assert.Equal(0, (await CookieJar.LoadAsync(File, cancellationToken: Stop)).Count);

    [Theory]
    [InlineData("", "not a cookie jar")]
    [InlineData("{\"version\":1,\"cookies\":[", "LineNumber")]
    [InlineData("[]", "not a cookie jar")]
    [InlineData("{\"version\":2,\"cookies\":[]}", "version 1")]
    [InlineData("{\"version\":1}", "version 1")]
    [InlineData("{\"version\":1,\"cookies\":[{\"name\":\"a\",\"value\":\"b\",\"domain\":\"a.test\",\"path\":\"/\"}]}", "isHostOnly")]
    [InlineData("{\"version\":1,\"cookies\":[null]}", "cookie 1 is not complete")]
    [InlineData("{\"version\":1,\"cookies\":[{\"name\":\"a\",\"value\":\"b\",\"domain\":\"a.test\",\"isHostOnly\":true,\"path\":\"/\"},{\"name\":\"a\",\"value\":\"b\\r\\nX: y\",\"domain\":\"a.test\",\"isHostOnly\":true,\"path\":\"/\"}]}", "cookie 2 has a name or value")]
    [InlineData("{\"version\":1,\"cookies\":[{\"name\":\"a\",\"value\":\"b; c=d\",\"domain\":\"a.test\",\"isHostOnly\":true,\"path\":\"/\"}]}", "name or value")]
    [InlineData("{\"version\":1,\"cookies\":[{\"name\":\"a\",\"value\":\"b\",\"domain\":\"A.test\",\"isHostOnly\":true,\"path\":\"/\"}]}", "domain")]
    [InlineData("{\"version\":1,\"cookies\":[{\"name\":\"a\",\"value\":\"b\",\"domain\":\"a.test\",\"isHostOnly\":true,\"path\":\"x\"}]}", "path")]
    [InlineData("{\"version\":1,\"cookies\":[{\"name\":\"a\",\"value\":\"b\",\"domain\":\"a.test\",\"sameSite\":7}]}", "sameSite")]
    public async Task Damaged_file_says_what_is_wrong_and_loses_nothing(string content, string reason)
    {
        await System.IO.File.WriteAllTextAsync(File, content, Stop);
        var error = await Assert.ThrowsAsync<FormatException>(() => CookieJar.LoadAsync(File, cancellationToken: Stop));
        Assert.Contains(reason, error.Message);
        Assert.Contains(File, error.Message);
        Assert.Equal(content, await System.IO.File.ReadAllTextAsync(File, Stop));
    }

    [Fact]
    public async Task Cookie_for_what_has_become_a_public_suffix_is_left_out()
    {
        await System.IO.File.WriteAllTextAsync(File,
            """{"version":1,"cookies":[{"name":"a","value":"b","domain":"github.io","isHostOnly":false,"path":"/"},{"name":"c","value":"d","domain":"github.io","isHostOnly":true,"path":"/"}]}""", Stop);
        var jar = await CookieJar.LoadAsync(File, cancellationToken: Stop);
        Assert.Equal(("c=d", null), (jar.HeaderFor(new Uri("http://github.io/")), jar.HeaderFor(new Uri("http://me.github.io/"))));
    }

    [Fact]
    public async Task Writing_that_fails_leaves_the_file_before_and_nothing_beside_it()
    {
        var jar = new CookieJar();
        jar.Set(new Uri("http://a.test/"), "a=1; Max-Age=100");
        await jar.SaveAsync(File, Stop);
        var before = await System.IO.File.ReadAllTextAsync(File, Stop);
        jar.Set(new Uri("http://a.test/"), "a=2; Max-Age=100");
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => jar.SaveAsync(File, gone.Token));
        Assert.Equal(before, await System.IO.File.ReadAllTextAsync(File, Stop));
        Assert.Single(Directory.GetFiles(_place.Path));
        await Assert.ThrowsAnyAsync<IOException>(() => jar.SaveAsync(Path.Combine(_place.Path, "missing", "cookies.json"), Stop));
    }

    [Fact]
    public async Task File_is_whole_at_every_moment_while_many_write()
    {
        var jar = new CookieJar();
        for (var i = 0; i < 100; i++)
            jar.Set(new Uri("http://a.test/"), $"c{i}={new string('x', 500)}; Max-Age=1000");
        await jar.SaveAsync(File, Stop);
        var writing = Task.WhenAll(Enumerable.Range(0, 20).Select(_ => jar.SaveAsync(File, Stop)));
        while (!writing.IsCompleted)
            Assert.Equal(100, (await CookieJar.LoadAsync(File, cancellationToken: Stop)).Count);
        await writing;
        Assert.Single(Directory.GetFiles(_place.Path));
    }

    [Fact]
    public async Task Device_is_not_replaced()
    {
        await Assert.ThrowsAsync<IOException>(() => new CookieJar().SaveAsync("/dev/no-such-device", Stop));
        Assert.False(System.IO.File.Exists("/dev/no-such-device"));
    }

    [Fact]
    public async Task Link_stays_a_link()
    {
        if (OperatingSystem.IsWindows())
            return;
        var real = Path.Combine(_place.Path, "real.json");
        await new CookieJar().SaveAsync(real, Stop);
        System.IO.File.CreateSymbolicLink(File, real);
        var jar = new CookieJar();
        jar.Set(new Uri("http://a.test/"), "a=1; Max-Age=100");
        await jar.SaveAsync(File, Stop);
        Assert.Equal(real, new FileInfo(File).LinkTarget);
        Assert.Equal(1, (await CookieJar.LoadAsync(real, cancellationToken: Stop)).Count);
    }
}
