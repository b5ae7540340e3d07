using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Models;
using TransformFramework.Transforms;
using TransformFramework.Workflows.Calibration;

namespace TransformFramework.Onnx.Models;

/// <summary>Real models beside the repository, float and in 8 bits, written as ONNX and run in ONNX Runtime beside our runtime.</summary>
public sealed class RealModelTests
{
    /// <summary>Part of the largest magnitude by which a float result may differ: sums are taken in another order.</summary>
    private const double Tolerance = 1e-4;

    /// <summary>Where each layer rounds to 8 bits, a last bit of a sum decides between two values, and layers behind it carry that on.</summary>
    private const double LeastSqnrOfRounding = 20;

    private const double LeastSameOfRounding = 0.99;

    private const string Preparation = "strip_unused_nodes remove_nodes(op=Identity, op=CheckNumerics) fold_constants(ignore_errors=true) fold_norms";

    /// <summary>The models that begin behind what ONNX lacks: sound and text.</summary>
    private static readonly string[] CutModels = ["speech_commands", "guesslang", "kws_ds_cnn_l", "kws_cnn_m", "kws_dnn_s", "kws_basic_lstm_s", "kws_crnn_m", "kws_gru_s"];

    private static readonly string[] Recipes = ["float", "weights_only", "quantize_weights", "static"];

    public static TheoryData<string, string> Models()
    {
        var data = new TheoryData<string, string>();
        foreach (string model in ModelRecord.All.Select(record => record.Model).Distinct(StringComparer.Ordinal).DefaultIfEmpty(""))
        {
            foreach (string recipe in Recipes)
                data.Add(model, recipe);
        }
        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Models))]
    public void A_model_computes_the_same_in_ONNX_Runtime(string model, string recipe)
    {
        Skip.If(model.Length == 0, ModelRuns.Missing);
        ModelRecord record = ModelRecord.Find(model);
        using LoadedModel file = ModelRuns.Open(record);
        var run = new OnnxModelRun(record, file.Graph, Made(record, file.Graph, recipe));
        run.Write();
        if (Environment.GetEnvironmentVariable("ONNX_MODELS") is { } folder)
            File.WriteAllBytes(Path.Combine(folder, $"{model}.{recipe}.onnx"), run.File);
        Assert.True(CutModels.Contains(model, StringComparer.Ordinal) == (run.Refusal is not null), $"cut: {run.Refusal}");
        OutputDifference difference = run.Compare();
        bool rounds = recipe == "static" || model == "mobilenet_v2_fakequant";
        bool isSame = difference.Floats <= Tolerance && difference.Integers <= 1;
        Assert.True(isSame || (rounds && difference.Sqnr >= LeastSqnrOfRounding && difference.Same >= LeastSameOfRounding), $"{model} {recipe}: {difference}");
    }

    private static Graph Made(ModelRecord record, Graph original, string recipe)
    {
        if (recipe == "float")
            return original;
        Graph prepared = ModelRuns.Transform(original, Preparation, record.Inputs, record.Outputs, TransformMode.Safe).Graph!;
        if (recipe != "static")
            return ModelRuns.Transform(prepared, recipe == "weights_only" ? "quantize(weights_only=true)" : recipe, record.Inputs, record.Outputs, TransformMode.Safe).Graph!;
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream stream = File.Create(path))
                CalibrationRun.Run(ModelRuns.Backend, prepared, record.Outputs, [OnnxModelRun.Feeds(record, original)], _ => { }, CancellationToken.None).Write(stream);
            return ModelRuns.Transform(prepared, $"quantize(ranges=\"{path}\", target=onnx)", record.Inputs, record.Outputs, TransformMode.Safe).Graph!;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
