using System.Collections.Concurrent;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Transforms;

namespace TransformFramework.Models;

/// <summary>What the original tool makes of the digits example, by recipe: bytes, right answers on the 600 test images, and answers that are the float graph's.</summary>
public sealed class DigitsTests
{
    private const string Fold = "add_default_attributes strip_unused_nodes(type=float, shape=\"1,32,32,1\") remove_nodes(op=Identity, op=CheckNumerics) fold_constants(ignore_errors=true) fold_batch_norms fold_old_batch_norms";
    private const string End = " strip_unused_nodes sort_by_execution_order";
    private const string EightBit = Fold + " quantize_weights quantize_nodes" + End;

    /// <summary>The original writes the field of an empty function library; here an absent one stays absent.</summary>
    private const int EmptyLibrary = 2;

    public static TheoryData<string, long, int, int> Variants() => new()
    {
        { Fold + End, 441_047, 596, 600 },
        { "quantize_weights", 141_821, 597, 599 },
        { Fold + " quantize_weights" + End, 122_407, 596, 600 },
        { "round_weights(num_steps=256)", 460_461, 596, 600 },
        { EightBit, 165_004, 597, 599 },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void A_variant_has_the_size_and_the_answers_of_the_original(string script, long bytes, int right, int same)
    {
        Graph model = DigitsData.Model("01-digits", "digits_cnn.pb");
        Check(model, DigitsData.Transform(model, script, TransformMode.Verbatim).Graph!, bytes, right, same);
    }

    /// <summary>The original ran the first image twice.</summary>
    [Fact]
    public void Ranges_frozen_from_our_own_log_give_the_size_and_the_answers_of_the_original()
    {
        Graph model = DigitsData.Model("01-digits", "digits_cnn.pb");
        Graph dynamic = DigitsData.Transform(model, EightBit, TransformMode.Verbatim).Graph!;
        Graph logging = DigitsData.Transform(dynamic, "insert_logging(op=RequantizationRange, show_name=true, message=\"__requant_min_max:\")", TransformMode.Verbatim).Graph!;
        Tensor images = DigitsData.CalibrationImages;
        var lines = new ConcurrentQueue<string>();
        IExecutable executable = DigitsData.Compile(logging, lines.Enqueue);
        foreach (int image in Enumerable.Range(0, (int)images.Shape[0]).Prepend(0))
            DigitsData.Scores(executable, images, image);
        if (SharedFiles.Find("examples/digits/gtt/requantization.log") is { } recorded)
            Assert.Equal(File.ReadLines(recorded).Order(StringComparer.Ordinal), lines.Order(StringComparer.Ordinal));

        string log = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(log, lines);
            Graph frozen = DigitsData.Transform(dynamic, $"freeze_requantization_ranges(min_max_log_file=\"{log}\")", TransformMode.Verbatim).Graph!;
            Check(model, frozen, 165_172, 596, 600);
        }
        finally
        {
            File.Delete(log);
        }
    }

    private static void Check(Graph model, Graph graph, long bytes, int right, int same)
    {
        int[] answers = DigitsData.Answers(graph);
        Assert.Equal(right, DigitsData.Right(answers));
        Assert.Equal(same, DigitsData.Same(answers, DigitsData.Answers(model)));
        Assert.Equal(bytes - EmptyLibrary, GraphDefWriter.Measure(graph));
    }
}
