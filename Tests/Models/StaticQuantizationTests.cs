using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Transforms;
using TransformFramework.Workflows.Calibration;
using TransformFramework.Workflows.Evaluation;

namespace TransformFramework.Models;

/// <summary>Static 8-bit graphs of real models, calibrated on their stored inputs, against what the float graphs compute.</summary>
public sealed class StaticQuantizationTests
{
    private const string Preparation = "strip_unused_nodes remove_nodes(op=Identity, op=CheckNumerics) fold_constants(ignore_errors=true) fold_norms";

    /// <summary>The least signal to noise of the first output over all inputs, in dB: for MobileNet 20, else 6 over what the original's 8-bit recipe leaves.</summary>
    public static TheoryData<string, double> Least => new()
    {
        { "mobilenet_v2", 20 },
        { "resnet8", 15.02 + 6 },
        { "vww", 13.72 + 6 },
        { "posenet", 9.77 + 6 },
        { "squeezenet", 39.3 + 6 },
        { "cifar", 25.8 + 6 },
        { "fc_layers", 33.92 + 6 },
        { "deeplabv3", 15 },
        { "speech_commands", 25 },
        { "kws_ds_cnn_l", 25 },
        { "kws_cnn_m", 25 },
        { "kws_dnn_s", 25 },
    };

    [SkippableTheory]
    [MemberData(nameof(Least))]
    public void A_static_graph_computes_nearly_what_the_float_graph_does(string model, double least)
    {
        Skip.If(ModelRecord.All.IsEmpty, ModelRuns.Missing);
        ModelRecord record = ModelRecord.Find(model);
        using LoadedModel file = ModelRuns.Open(record);
        Dictionary<string, Tensor>[] feeds = [.. Enumerable.Range(1, 3).Select(number => ModelFeeds.Read(record, file.Graph, number))];
        Graph quantized = Quantized(record, file.Graph, feeds);
        Assert.DoesNotContain(quantized.Nodes, node => node.Op is "Conv2D" or "DepthwiseConv2dNative");
        var agreement = Agreement.Measure(ModelRuns.Backend, file.Graph, quantized, [record.Outputs[0]], feeds, CancellationToken.None);
        Assert.True(agreement.Sqnr >= least, $"{agreement.Sqnr:F1} dB, at least {least:F1} expected");
        Assert.True(agreement.Rows > 100 || agreement.SameTop == agreement.Rows, $"{agreement.SameTop} of {agreement.Rows} answers are the same");
    }

    [SkippableFact]
    public void A_net_of_convolutions_shrinks_to_little_more_than_a_quarter()
    {
        Skip.If(ModelRecord.All.IsEmpty, ModelRuns.Missing);
        ModelRecord record = ModelRecord.Find("mobilenet_v2");
        using LoadedModel file = ModelRuns.Open(record);
        Graph quantized = Quantized(record, file.Graph, [ModelFeeds.Read(record, file.Graph, 1)]);
        Assert.True(GraphDefWriter.Measure(quantized) * 3.7 <= GraphDefWriter.Measure(file.Graph), $"{GraphDefWriter.Measure(quantized)} bytes of {GraphDefWriter.Measure(file.Graph)}");
    }

    private static Graph Quantized(ModelRecord record, Graph original, IEnumerable<Dictionary<string, Tensor>> feeds)
    {
        Graph prepared = ModelRuns.Transform(original, Preparation, record.Inputs, record.Outputs, TransformMode.Safe).Graph!;
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream stream = File.Create(path))
                CalibrationRun.Run(ModelRuns.Backend, prepared, record.Outputs, feeds, _ => { }, CancellationToken.None).Write(stream);
            return ModelRuns.Transform(prepared, $"quantize(ranges=\"{path}\")", record.Inputs, record.Outputs, TransformMode.Safe).Graph!;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
