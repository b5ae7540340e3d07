using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TransformFramework.Workflows.Tests.Reports;

/// <summary>A page in a headless Chromium, driven by the DevTools protocol. Errors of the page are kept.</summary>
internal sealed class ChromiumPage : IDisposable
{
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(60);
    private readonly Process process;
    private readonly string profile;
    private readonly ClientWebSocket socket = new();
    private string session = "";
    private int number;

    private ChromiumPage(Process process, string profile)
    {
        this.process = process;
        this.profile = profile;
    }

    /// <summary>The browser's program; null where it is not installed.</summary>
    public static string? Program => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    /// <summary>Exceptions and errors that the page wrote to its console.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>Starts the browser with a window of a size.</summary>
    public static async Task<ChromiumPage> Start(int width, int height)
    {
        string profile = Directory.CreateTempSubdirectory("report-page").FullName;
        var start = new ProcessStartInfo(Program!, ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0", $"--user-data-dir={profile}", $"--window-size={width},{height}", "about:blank"]) { RedirectStandardError = true, RedirectStandardOutput = true };
        var page = new ChromiumPage(Process.Start(start)!, profile);
        using var time = new CancellationTokenSource(MostTime);
        string? line;
        while ((line = await page.process.StandardError.ReadLineAsync(time.Token)) is not null && !line.Contains("ws://", StringComparison.Ordinal))
        {
        }
        await page.socket.ConnectAsync(new Uri(line![line!.IndexOf("ws://", StringComparison.Ordinal)..]), time.Token);
        string target = (string)(await page.Call("Target.createTarget", new() { ["url"] = "about:blank" }))["targetId"]!;
        page.session = (string)(await page.Call("Target.attachToTarget", new() { ["targetId"] = target, ["flatten"] = true }))["sessionId"]!;
        foreach (string domain in new[] { "Page", "Runtime", "Log" })
            await page.Call($"{domain}.enable", []);
        await page.Call("Emulation.setDeviceMetricsOverride", new() { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = false });
        return page;
    }

    /// <summary>Opens a file and waits until it is loaded; gives the milliseconds from the start of the navigation to the end of its load event.</summary>
    public async Task<double> Open(string file)
    {
        await Call("Page.navigate", new() { ["url"] = new Uri(file).AbsoluteUri });
        return (double)(await Evaluate("new Promise(done => { const end = () => setTimeout(() => done(performance.getEntriesByType('navigation')[0].loadEventEnd)); document.readyState === 'complete' ? end() : addEventListener('load', end); })"))!;
    }

    /// <summary>The value of an expression.</summary>
    public async Task<JsonNode?> Evaluate(string expression)
    {
        JsonNode answer = await Call("Runtime.evaluate", new() { ["expression"] = expression, ["awaitPromise"] = true, ["returnByValue"] = true });
        return answer["exceptionDetails"] is { } error ? throw new InvalidOperationException(error.ToJsonString()) : answer["result"]!["value"]?.DeepClone();
    }

    /// <summary>Clicks at a place of the window.</summary>
    public async Task Click(double x, double y)
    {
        foreach (string type in new[] { "mousePressed", "mouseReleased" })
            await Call("Input.dispatchMouseEvent", new() { ["type"] = type, ["x"] = x, ["y"] = y, ["button"] = "left", ["clickCount"] = 1 });
    }

    /// <summary>Presses a key.</summary>
    public async Task Press(string key)
    {
        foreach (string type in new[] { "keyDown", "keyUp" })
            await Call("Input.dispatchKeyEvent", new() { ["type"] = type, ["key"] = key, ["code"] = key, ["windowsVirtualKeyCode"] = key == "Enter" ? 13 : 0, ["text"] = key == "Enter" && type == "keyDown" ? "\r" : "" });
    }

    /// <summary>Types a text where the focus is.</summary>
    public Task Type(string text) => Call("Input.insertText", new() { ["text"] = text });

    public void Dispose()
    {
        socket.Dispose();
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
        try
        {
            Directory.Delete(profile, recursive: true);
        }
        catch (IOException)
        {
        }
    }

    private async Task<JsonNode> Call(string method, JsonObject parameters)
    {
        using var time = new CancellationTokenSource(MostTime);
        int id = ++number;
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (session.Length > 0)
            message["sessionId"] = session;
        await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, endOfMessage: true, time.Token);
        while (true)
        {
            JsonNode answer = await Receive(time.Token);
            if ((int?)answer["id"] == id)
                return answer["error"] is { } error ? throw new InvalidOperationException($"{method}: {error.ToJsonString()}") : answer["result"]!;
            Note(answer);
        }
    }

    private void Note(JsonNode answer)
    {
        bool isError = (string?)answer["method"] switch
        {
            "Runtime.exceptionThrown" => true,
            "Runtime.consoleAPICalled" => (string?)answer["params"]!["type"] is "error" or "warning",
            "Log.entryAdded" => (string?)answer["params"]!["entry"]!["level"] == "error",
            _ => false,
        };
        if (isError)
            Errors.Add(answer.ToJsonString());
    }

    private async Task<JsonNode> Receive(CancellationToken cancellation)
    {
        byte[] buffer = new byte[1 << 16];
        using var message = new MemoryStream();
        WebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer, cancellation);
            message.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        return JsonNode.Parse(Encoding.UTF8.GetString(message.ToArray()))!;
    }
}
