using System.Collections.Immutable;
using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Structure.ControlFlow;
using TransformFramework.Toolkit.ModelFiles;
using TransformFramework.Transforms;

namespace TransformFramework.SavedModel.Tests.Conformance;

/// <summary>Models of the oracle after transforms and after writing: the answers stay.</summary>
public sealed class RewrittenModelTests
{
    public static TheoryData<string> Functional => ["while_vars", "while_grow", "cond_vars", "case_vars", "tensorarray_rnn", "keras_lstm", "keras_bilstm_mask", "keras_subclassed", "k3_lstm", "m21_while_cond", "v1_api_resource", "big_captures"];

    public static TheoryData<string> Loops => ["t1_while_loops", "t1_map_scan", "t1_dropout_cond"];

    [SkippableTheory]
    [MemberData(nameof(Functional))]
    public void Lowered_control_flow_answers_the_same(string name) => Check(name, (graph, context) =>
    {
        Graph lowered = Transform(new LowerControlFlow(), new LowerControlFlow.Options(), graph, context);
        Assert.DoesNotContain(lowered.Nodes, node => node.Op is "While" or "StatelessWhile" or "If" or "StatelessIf" or "Case" or "StatelessCase");
        return lowered;
    });

    [SkippableTheory]
    [MemberData(nameof(Functional))]
    public void Loops_raised_from_lowered_ones_answer_the_same(string name) => Check(name, (graph, context) =>
    {
        Graph lowered = Transform(new LowerControlFlow(), new LowerControlFlow.Options(), graph, context);
        Graph raised = Transform(new RaiseControlFlow(), new NoOptions(), lowered, context);
        Assert.DoesNotContain(raised.Nodes, node => node.Op == "NextIteration");
        return raised;
    });

    [SkippableTheory]
    [MemberData(nameof(Loops))]
    public void Loops_of_TensorFlow_1_raised_answer_the_same(string name) => Check(name, (graph, context) => Transform(new RaiseControlFlow(), new NoOptions(), graph, context));

    [SkippableTheory]
    [InlineData("keras_residual")]
    [InlineData("two_signatures")]
    [InlineData("clashing_names")]
    [InlineData("table_file")]
    [InlineData("keras_lstm")]
    [InlineData("unknown_rank")]
    [InlineData("t1_iterator_cut")]
    public void A_model_that_is_written_and_read_answers_the_same(string name) => Check(name, (graph, _) => graph, isWritten: true);

    private static Graph Transform(ITransform transform, object options, Graph graph, TransformContext context) => transform.Apply(graph, options, context);

    private static void Check(string name, Func<Graph, TransformContext, Graph> change, bool isWritten = false)
    {
        Skip.IfNot(OracleCase.Exists(name), $"the case {name} of ../shared/oracle-savedmodel is not there");
        OracleCase test = OracleCase.Read(name);
        using ModelSource source = ModelSources.Open(test.Model, CancellationToken.None);
        var format = new SavedModelFormat();
        ModelContent model = format.Read(source, ModelReadOptions.Default, CancellationToken.None);
        ModelSignature signature = model.Signature!;
        var context = new TransformContext { InputNames = [.. signature.Inputs.Select(input => input.Tensor)], OutputNames = [.. signature.Outputs.Select(output => output.Tensor)] };
        model = model with { Graph = change(model.Graph, context) };
        if (isWritten)
        {
            using var folder = new MemoryFolder();
            format.Write(model, new ModelWriteOptions { Inputs = context.InputNames, Outputs = context.OutputNames }, folder.Sink, CancellationToken.None);
            model = format.Read(folder.Source(), ModelReadOptions.Default, CancellationToken.None);
            Assert.Equal(signature.Inputs.Select(input => (input.Name, input.Type)), model.Signature!.Inputs.Select(input => (input.Name, input.Type)));
            Assert.Equal(signature.Outputs.Select(output => output.Name), model.Signature.Outputs.Select(output => output.Name));
            signature = model.Signature;
        }
        string Escaped(string text) => text.Replace("/", "__", StringComparison.Ordinal);
        var feeds = test.Arrays("feeds.npz", "serving_default").ToDictionary(feed => signature.Inputs.First(input => Escaped(input.Name) == feed.Key).Tensor, feed => feed.Value, StringComparer.Ordinal);
        ImmutableArray<Tensor> results = new CpuBackend().Compile(model.Graph, [.. signature.Outputs.Select(output => output.Tensor)], new CompileOptions { Feeds = [.. feeds.Keys] }).Run(feeds);
        foreach (var (name2, wanted) in test.Arrays("outputs.npz", "serving_default"))
            Assert.Null(OutputComparison.Difference(wanted, results[signature.Outputs.ToList().FindIndex(output => Escaped(output.Name) == name2)], test.Relative, test.Absolute));
    }
}
