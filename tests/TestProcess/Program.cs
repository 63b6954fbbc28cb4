using System.Globalization;
using Codomyrmex.Networking;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Redis;
using Codomyrmex.Networking.Resilience;

switch (args)
{
    case ["cookies", var file]:
        await SaveCookiesAsync(file);
        break;
    case ["limited", var url, var redis, var onLoss, var rate, var burst]:
        await RequestAsync(url, redis, Enum.Parse<RedisLossPolicy>(onLoss), double.Parse(rate, CultureInfo.InvariantCulture), int.Parse(burst, CultureInfo.InvariantCulture));
        break;
    default:
        throw new ArgumentException($"There is no task {string.Join(' ', args)}.");
}

// Saves a jar again and again, each time with a larger number in it, and says which one is on the disk.
static async Task SaveCookiesAsync(string file)
{
    var jar = await CookieJar.LoadAsync(file);
    var site = new Uri("http://site.test/");
    var last = jar.HeaderFor(site) is { } known ? int.Parse(known.Split("; ").Single(cookie => cookie.StartsWith("n=", StringComparison.Ordinal))[2..], CultureInfo.InvariantCulture) : 0;
    for (var i = 0; i < 100; i++)
        jar.Set(site, $"c{i}={new string('x', 1000)}; Max-Age=100000");
    while (true)
    {
        jar.Set(site, string.Create(CultureInfo.InvariantCulture, $"n={++last}; Max-Age=100000"));
        await jar.SaveAsync(file);
        Console.WriteLine(last);
    }
}

// For each number on standard input sends as many requests at a time, and says what became of each.
static async Task RequestAsync(string url, string redis, RedisLossPolicy onLoss, double rate, int burst)
{
    // A Redis that is gone is noticed at once; one that a busy machine holds up is not lost.
    await using var limiter = new RedisSharedLimiter(new RedisLimiterOptions { Configuration = redis, OnLoss = onLoss, Timeout = TimeSpan.FromSeconds(20) });
    await using var client = new HTTPClient(new HTTPClientOptions
    {
        HostLimits = new HostLimitOptions { RequestsPerSecond = rate, Burst = burst, MaxWait = TimeSpan.FromMinutes(1), Shared = limiter },
        Retry = RetryOptions.None,
    });
    while (await Console.In.ReadLineAsync() is { } count)
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, int.Parse(count, CultureInfo.InvariantCulture)).Select(async _ =>
        {
            try
            {
                using var response = await client.GetAsync(url);
                return response.Status.ToString(CultureInfo.InvariantCulture);
            }
            catch (NetworkException error)
            {
                return error.Code;
            }
        }));
        Console.WriteLine(string.Join(' ', outcomes));
    }
}
