using System.Globalization;
using Codomyrmex.Networking.Soak;

// run SECONDS [SEED]                     servers of ours under clients of ours while faults happen; 0 where the contract held
// serve PORT TLSPORT CERTIFICATE KEY     the server of a run: answers until SIGTERM, then drains; "vitals" on its input asks how it is
// block PORT                             a server whose handlers block their threads until a "go" comes in by another connection
return args switch
{
    ["run", var seconds] => await new SoakRun(TimeSpan.FromSeconds(Number(seconds)), Environment.TickCount).RunAsync(),
    ["run", var seconds, var seed] => await new SoakRun(TimeSpan.FromSeconds(Number(seconds)), Number(seed)).RunAsync(),
    ["serve", var port, var tls, var certificate, var key] => await SoakServer.RunAsync(Number(port), Number(tls), certificate, key),
    ["block", var port] => await BlockingServer.RunAsync(Number(port)),
    _ => throw new ArgumentException("run SECONDS [SEED] | serve PORT TLSPORT CERTIFICATE KEY | block PORT"),
};

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
