using System.Text.Json.Nodes;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Workflows.Tests.Reports;

/// <summary>The page in a real browser.</summary>
public sealed class ReportPageTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("report").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [SkippableTheory]
    [InlineData(1280, 900)]
    [InlineData(390, 844)]
    public async Task A_page_shows_every_part_in_Chromium(int width, int height)
    {
        using ChromiumPage page = await Open(SampleReports.Full, width, height);
        Assert.Equal("Summary Graph Layers Accuracy Time Candidates Steps The same again", await Text("[...document.querySelectorAll('nav a')].map(a => a.textContent).join(' ')"));
        Assert.Equal("script><b>.pb → small.pb", await Text("document.querySelector('h1').textContent"));
        Assert.True((int)(await page.Evaluate("document.documentElement.scrollWidth"))! <= width);
        Assert.True((int)(await page.Evaluate("document.querySelectorAll('#layer-plot canvas').length"))! == 1);
        Assert.Contains("80.0 % (8 of 10)", await Text("document.getElementById('accuracy').textContent"), StringComparison.Ordinal);
        Assert.Contains("a & b < c", await Text("document.getElementById('steps').textContent"), StringComparison.Ordinal);
        Assert.Empty(page.Errors);

        async Task<string> Text(string expression) => (string)(await page.Evaluate(expression))!;
    }

    [SkippableFact]
    public async Task A_page_slides_over_the_steps_in_Chromium()
    {
        using ChromiumPage page = await Open(SampleReports.Full, 1280, 900);
        var names = new List<string>();
        for (int state = 0; state < 3; state++)
            names.Add((string)(await page.Evaluate($"(() => {{ const s = document.getElementById('state'); s.value = {state}; s.dispatchEvent(new Event('input')); return document.getElementById('state-name').textContent; }})()"))!);
        Assert.Equal(["before the first step", "1 of 2: remove_device – nothing changed", "2 of 2: quantize – 1 removed 1 added 2 changed"], names);
        Assert.Equal("−net/drop ±net/w ±net/mul +net/z", (string)(await page.Evaluate("[...document.querySelectorAll('#changes p')].map(p => p.textContent[0] + p.querySelector('a').textContent).sort((a, b) => ['−net/drop', '±net/w', '±net/mul', '+net/z'].indexOf(a) - ['−net/drop', '±net/w', '±net/mul', '+net/z'].indexOf(b)).join(' ')"))!);
        Assert.Empty(page.Errors);
    }

    [SkippableFact]
    public async Task A_node_is_found_and_clicked_in_Chromium()
    {
        using ChromiumPage page = await Open(SampleReports.Full, 1280, 900);
        await page.Evaluate("document.getElementById('graph').scrollIntoView(), document.getElementById('search').focus()");
        await page.Type("matmul");
        await page.Press("Enter");
        Assert.Equal("net/mul", await Selected());
        JsonNode place = (await page.Evaluate("new Promise(done => requestAnimationFrame(() => done(page.graph.view.placeOf('net/y'))))"))!;
        await page.Click((double)place["x"]!, (double)place["y"]!);
        Assert.Equal("net/y", await Selected());
        Assert.Contains("output of the model", (string)(await page.Evaluate("document.getElementById('panel').textContent"))!, StringComparison.Ordinal);
        await page.Press("ArrowUp");
        Assert.Equal("net/mul", await Selected());
        await page.Evaluate("document.getElementById('theme').click()");
        Assert.Empty(page.Errors);

        async Task<string> Selected() => (string)(await page.Evaluate("document.querySelector('#panel h3').textContent"))!;
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ten_thousand_nodes_stay_small_on_the_screen_in_Chromium(bool isNested)
    {
        using ChromiumPage page = await Open(SampleReports.Large(10_000, isNested), 1280, 900);
        Assert.InRange((int)(await page.Evaluate("page.graph.layout.boxes.length"))!, 2, 200);
        string last = isNested ? "net/block19/unit399/node9999" : "node9999";
        Assert.True((bool)(await page.Evaluate($"page.graph.go('{last}')"))!);
        Assert.Equal(last, (string)(await page.Evaluate("document.querySelector('#panel h3').textContent"))!);
        Assert.InRange((int)(await page.Evaluate("page.graph.layout.boxes.length"))!, 3, 400);
        Assert.Contains("9,000 changed", (string)(await page.Evaluate("document.getElementById('state-name').textContent.replace('9000', '9,000')"))!, StringComparison.Ordinal);
        Assert.Empty(page.Errors);
    }

    private async Task<ChromiumPage> Open(Report report, int width, int height)
    {
        Skip.If(ChromiumPage.Program is null, "Chromium is not installed");
        string file = Path.Combine(folder, "report.html");
        ReportFile.Write(file, report);
        ChromiumPage page = await ChromiumPage.Start(width, height);
        await page.Open(file);
        return page;
    }
}
