using System.Net;
using System.Text.Json;
using Codomyrmex.Networking.Scanning;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Orleans.Dashboard;

namespace Codomyrmex.Networking.Fleet.Internal.Web;

/// <summary>
/// The fleet in a browser: a page of our own, the same as JSON for programs, and the engine's dashboard. It can be read alone, and only by the address that it listens at: a page of somebody
/// else's, whose name was made to lead here, gets nothing.
/// </summary>
internal static class FleetPage
{
    private const int MostFindings = 2000;
    private const string OwnPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    // The engine's charts bring styles of their own.
    private const string DashboardPolicy =
        "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void Map(WebApplication page, IPEndPoint listens, FleetClient fleet)
    {
        page.Use((context, next) => GuardAsync(context, next, listens));
        page.MapGet("/", context => SendAsync(context, "text/html; charset=utf-8", "FleetPage.html"));
        page.MapGet("/fleet.css", context => SendAsync(context, "text/css; charset=utf-8", "FleetPage.css"));
        page.MapGet("/fleet.js", context => SendAsync(context, "text/javascript; charset=utf-8", "FleetPage.js"));
        page.MapGet("/status.json", context => AnswerAsync(context, async writer => FleetJson.WriteMembers(writer, await fleet.GetStatusAsync(context.RequestAborted))));
        page.MapGet("/findings.json", context => AnswerAsync(context, writer => WriteFindingsAsync(writer, fleet, context)));
        page.MapOrleansDashboard("/dashboard");
    }

    private static Task GuardAsync(HttpContext context, Func<Task> next, IPEndPoint listens)
    {
        var request = context.Request;
        if (!IsOwn(request.Host, listens))
            return RefuseAsync(context, StatusCodes.Status421MisdirectedRequest);
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
            return RefuseAsync(context, StatusCodes.Status405MethodNotAllowed);
        if (IsOfAnotherSite(request))
            return RefuseAsync(context, StatusCodes.Status403Forbidden);
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = request.Path.StartsWithSegments("/dashboard") ? DashboardPolicy : OwnPolicy;
        return next();
    }

    private static bool IsOwn(HostString host, IPEndPoint listens)
    {
        if ((host.Port ?? 80) != listens.Port)
            return false;
        if (host.Host == "localhost")
            return IPAddress.IsLoopback(listens.Address);
        return IPAddress.TryParse(host.Host, out var address) && (address.Equals(listens.Address) || listens.Address.Equals(IPAddress.Any) || listens.Address.Equals(IPAddress.IPv6Any));
    }

    // What a page of another site has a browser ask for (Fetch Metadata): it could not read the answer, but it could make work. A link may lead here.
    private static bool IsOfAnotherSite(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none") && !(request.Path == "/" && request.Headers["Sec-Fetch-Mode"] == "navigate");

    private static Task RefuseAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static async Task SendAsync(HttpContext context, string type, string name)
    {
        context.Response.ContentType = type;
        await using var part = typeof(FleetPage).Assembly.GetManifestResourceStream(name)!;
        await part.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static async Task AnswerAsync(HttpContext context, Func<Utf8JsonWriter, Task> members)
    {
        using var document = new MemoryStream();
        try
        {
            await using var writer = new Utf8JsonWriter(document);
            writer.WriteStartObject();
            await members(writer);
            writer.WriteEndObject();
        }
        catch (NetworkException error)
        {
            context.Response.StatusCode = error.Code == ErrorCodes.FleetNoCampaign ? StatusCodes.Status404NotFound : StatusCodes.Status503ServiceUnavailable;
            return;
        }
        context.Response.ContentType = "application/json";
        document.Position = 0;
        await document.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static async Task WriteFindingsAsync(Utf8JsonWriter writer, FleetClient fleet, HttpContext context)
    {
        var id = context.Request.Query["campaign"].ToString();
        var campaign = await fleet.GetCampaignAsync(string.IsNullOrWhiteSpace(id) ? "none" : id, context.RequestAborted);
        writer.WriteNumber("total", campaign.Open);
        writer.WriteStartArray("findings");
        var count = 0;
        await foreach (var finding in fleet.FindingsAsync(campaign.Id, cancellationToken: context.RequestAborted))
        {
            if (count++ == MostFindings)
                break;
            writer.WriteStartObject();
            ScanJson.WriteMembers(writer, finding);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
