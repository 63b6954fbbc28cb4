using System.Collections.Concurrent;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

public class MiddlewareTests
{
    private static Middleware Noting(string name, ConcurrentQueue<string> seen) => async (request, next, stop) =>
    {
        seen.Enqueue("before " + name);
        var response = await next(request, stop);
        seen.Enqueue("after " + name);
        return response;
    };

    [Fact]
    public async Task Middleware_wraps_every_kind_of_call_the_first_outermost()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        var seen = new ConcurrentQueue<string>();
        using var client = new HTTPClient(RawAnswer.Options with { Middleware = [Noting("one", seen), Noting("two", seen)] });
        string[] round = ["before one", "before two", "after two", "after one"];
        (await client.GetAsync(server.Url + "get", cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        Assert.Equal(round, seen);
        (await client.PostAsync(server.Url + "post", RequestBody.Text("x"), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        (await client.StreamAsync(server.Url + "get", cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        (await client.SendAsync(new Request("GET", server.Url + "get"), TestContext.Current.CancellationToken)).Dispose();
        Assert.Equal(round.Concat(round).Concat(round).Concat(round), seen);
    }

    [Fact]
    public async Task Middleware_may_change_the_request_answer_by_itself_or_try_again()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        Middleware change = (request, next, stop) => next(request with { Url = server.Url + "status/404", Method = "PUT" }, stop);
        Middleware again = async (request, next, stop) =>
        {
            (await next(request, stop)).Dispose();
            return await next(request, stop);
        };
        using var client = new HTTPClient(RawAnswer.Options with { Middleware = [again, change] });
        using var response = await client.GetAsync("http://nowhere.test/", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((404, 2), (response.Status, server.Requests.Count));
        Assert.All(server.Requests, request => Assert.Equal("PUT", request.Method));
    }

    [Fact]
    public async Task Error_passes_through_middleware_and_can_be_replaced()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        NetworkException? seen = null;
        Middleware rescue = async (request, next, stop) =>
        {
            try
            {
                return await next(request, stop);
            }
            catch (NetworkException error)
            {
                seen = error;
                return await next(new Request("GET", server.Url + "get"), stop);
            }
        };
        using var client = new HTTPClient(RawAnswer.Options with { Middleware = [rescue] });
        using var response = await client.GetAsync("http://127.0.0.1:1/", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((200, ErrorCodes.TcpRefused), (response.Status, seen?.Code));
    }
}
