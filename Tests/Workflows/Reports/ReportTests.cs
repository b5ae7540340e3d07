using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Reports;
using TransformFramework.Workflows.Reports.Html;

namespace TransformFramework.Workflows.Tests.Reports;

public sealed class ReportTests
{
    [Fact]
    public void Reports_are_as_the_published_schema_says()
    {
        string schema = JsonReport.Schema();
        GeneratedPage.Check("docs/report.schema.json", schema);
        var published = JsonSchema.FromText(schema);
        Assert.True(published.Evaluate(JsonDocument.Parse(JsonReport.Write(SampleReports.Full)).RootElement).IsValid);
        Assert.True(published.Evaluate(JsonDocument.Parse(JsonReport.Write(SampleReports.Large(30, isNested: true))).RootElement).IsValid);
        JsonNode wrong = JsonNode.Parse(JsonReport.Write(SampleReports.Full))!;
        wrong["layers"]![0]!["sqnr_db"] = "loud";
        Assert.False(published.Evaluate(JsonDocument.Parse(wrong.ToJsonString()).RootElement).IsValid);
    }

    [Fact]
    public void A_report_as_JSON_has_the_fields_of_a_run()
    {
        JsonElement root = JsonDocument.Parse(JsonReport.Write(SampleReports.Full)).RootElement;
        Assert.Equal(1, root.GetProperty("schema_version").GetInt32());
        Assert.True(root.GetProperty("succeeded").GetBoolean());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("failure").ValueKind);
        Assert.Equal(1, root.GetProperty("steps")[0].GetProperty("statistics").GetProperty("nodes_removed").GetInt64());
        Assert.Equal(12.5, root.GetProperty("layers")[0].GetProperty("sqnr_db").GetDouble());
    }

    [Fact]
    public void A_page_holds_everything_and_no_text_becomes_markup()
    {
        string page = HtmlReport.Write(SampleReports.Full);
        Assert.DoesNotContain("http://", page.Replace("http://www.w3.org", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("</script><b>", page, StringComparison.Ordinal);
        Assert.DoesNotContain(" src=", page, StringComparison.Ordinal);
        Assert.Contains("The above copyright notice and this permission notice", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_has_summary_steps_layers_and_the_command()
    {
        string text = MarkdownReport.Write(SampleReports.Full);
        Assert.Contains("| Size | 1.0 kB → 300 B | 30 % |", text, StringComparison.Ordinal);
        Assert.Contains("| net/mul | MatMul | 12.5 | -1 … 2 |", text, StringComparison.Ordinal);
        Assert.Contains("| quantize | 5 → 5 | 1,000 → 300 | 1.25 |", text, StringComparison.Ordinal);
        Assert.Contains("transform_graph quantize --in_graph=", text, StringComparison.Ordinal);
    }

    [Fact]
    public void History_knows_what_each_step_removed_added_and_changed()
    {
        var history = new GraphHistory(GraphText.Parse("a = Const() {value=float[2]{1, 2}}\nb = Relu(a)\nc = Relu(b)"));
        history.Add(GraphText.Parse("a = Const() {value=float[2]{1, 3}}\nc = Relu(a)\nd = Neg(c)"));
        history.Add(GraphText.Parse("a = Const() {value=float[2]{1, 3}}\nc = Relu(a)\nd = Neg(c)"));
        ReportGraph graph = history.ToReport(["a:0"], ["d"]);
        Assert.Equal(3, graph.States);
        Assert.Equal("a", Assert.Single(graph.Inputs));
        Assert.Equal(["a 0-0", "a 1-2", "b 0-0", "c 0-0", "c 1-2", "d 1-2"], graph.Nodes.Select(node => $"{node.Name} {node.First}-{node.Last}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Layers_tell_values_before_and_after_with_range_and_noise()
    {
        var backend = new Cpu.CpuBackend();
        Graph before = GraphText.Parse("x = Placeholder() {dtype=float, shape=(4)}\ny = Relu(x) {T=float}\nz = Neg(y) {T=float}");
        Graph after = GraphText.Parse("x = Placeholder() {dtype=float, shape=(4)}\nk = Const() {dtype=float, value=float values{1.0}}\ny0 = Relu(x) {T=float}\ny = Add(y0, k) {T=float}\nz = Neg(y) {T=float}");
        var feeds = new Dictionary<string, Tensor> { ["x"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(4), [-1, 1, 2, 4]) };
        var ranges = new RangeFile();
        ranges.Tensors["y"] = new();
        ranges.Tensors["y"].Add(Tensor.Create<float>(DataType.Float, TensorShape.Of(2), [0, 8]));
        var layers = LayerProfile.Of(backend, before, after, ["z"], [feeds, feeds], ranges, CancellationToken.None);
        Assert.Equal(["y", "z"], layers.Select(layer => layer.Name));
        Assert.Equal(10 * Math.Log10(21.0 / 4), layers[0].SqnrDb!.Value, 9);
        Assert.Equal(1, layers[0].MaxAbsError!.Value, 6);
        Assert.Equal(new ReportRange(0, 8), layers[0].Range);
        Assert.Equal((0, 8, 8L, 8L), (layers[0].Histogram!.Low, layers[0].Histogram!.High, layers[0].Histogram!.Before.Sum(), layers[0].Histogram!.After.Sum()));
        Assert.Equal(2, layers[0].Histogram!.Before[0]);
    }

    [Theory]
    [InlineData(0, 10, 0.0, 0.2775)]
    [InlineData(5, 10, 0.2366, 0.7634)]
    [InlineData(10, 10, 0.7225, 1.0)]
    public void The_interval_is_Wilsons(int right, int of, double low, double high)
    {
        ReportRange interval = AccuracyReport.Interval(right, of);
        Assert.Equal(low, interval.Min, 4);
        Assert.Equal(high, interval.Max, 4);
    }

    [Theory]
    [InlineData("1,8,8,3", true)]
    [InlineData("1,3,8,8", true)]
    [InlineData("1,300,200,1", true)]
    [InlineData("1,10", false)]
    [InlineData("2,8,8,3", false)]
    public void Only_images_have_images(string shape, bool isImage)
    {
        long[] dimensions = [.. shape.Split(',').Select(long.Parse)];
        var tensor = Tensor.Create<float>(DataType.Float, TensorShape.Of(dimensions), new float[dimensions.Aggregate((a, b) => a * b)]);
        Assert.Equal(isImage, Thumbnail.Of(tensor)?.StartsWith("data:image/png;base64,iVBORw0KGgo", StringComparison.Ordinal) ?? false);
    }
}
