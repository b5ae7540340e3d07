using TransformFramework.Cpu;
using TransformFramework.Diagnostics;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Engine.Tests.Pipeline;

/// <summary>The comparison of what a graph computes before and after each step.</summary>
public sealed class StepCheckTests
{
    private const string Graph = "x = Placeholder() {dtype=float, shape=(2)}\nk = Const() {dtype=float, value=float[2]{3, 4}}\ny = Mul(x, k) {T=float}\nz = Neg(x) {T=float}\n";

    private readonly PipelineRun run = new PipelineRun()
        .With("rename_factor", graph => graph.Select(node => Renamed(node)))
        .With("rounds", graph => graph)
        .Giving("unary", Graph.Replace("Neg(", "Abs(", StringComparison.Ordinal))
        .Giving("reshapes", Graph.Replace("y = Mul(x, k)", "a = Const() {dtype=int32, value=int32[]{0}}\ny = ExpandDims(x, a)", StringComparison.Ordinal))
        .Giving("casts", Graph.Replace("y = Mul(x, k) {T=float}", "m = Mul(x, k) {T=float}\ny = Cast(m) {SrcT=float, DstT=int32}", StringComparison.Ordinal))
        .Giving("breaks", Graph.Replace("float[2]{3, 4}", "float[3]{3, 4, 5}", StringComparison.Ordinal))
        .Giving("repairs", Graph);

    [Fact]
    public void Steps_that_compute_the_same_pass()
    {
        var result = run.Run(Graph, "rename_factor rename_factor", Checked());
        Assert.Null(result.Failure);
        Assert.Equal("k__", result.Graph!.Find("y")!.Inputs[1].Node);
        Assert.All(result.Steps, step => Assert.Empty(step.Diagnostics));
    }

    [Theory]
    [InlineData("unary", "z", "output 'z' is not the same after unary: it differs by 4, 2 of its largest magnitude (0.0001 is allowed)")]
    [InlineData("reshapes", "y", "output 'y' is not the same after reshapes: it is float[1,2], it was float[2]")]
    [InlineData("casts", "y", "output 'y' is not the same after casts: it is int32[2], it was float[2]")]
    public void A_step_that_changes_an_output_fails_and_names_step_and_tensor(string step, string output, string message)
    {
        StepFailure failure = run.Failure(Graph, $"rename_factor {step} rename_factor", Checked());
        Assert.Equal((1, "TFX4130", output, message), (failure.Step, failure.Diagnostic.Id, failure.Diagnostic.Node, failure.Diagnostic.Message));
        Assert.Equal(15, failure.Diagnostic.Span?.Column);
        Assert.Equal("k_", failure.Before.Find("y")!.Inputs[1].Node);
    }

    [Theory]
    [InlineData(0.00009, false, true)]
    [InlineData(0.00011, false, false)]
    [InlineData(-0.00011, false, false)]
    [InlineData(0.24, true, true)]
    [InlineData(0.26, true, false)]
    [InlineData(double.NaN, true, false)]
    [InlineData(double.PositiveInfinity, true, false)]
    public void The_tolerance_is_relative_to_the_largest_element_and_wider_for_steps_that_round(double part, bool isLossy, bool passes)
    {
        run.With("shifts", graph => graph.Select(node => node.Name == "k" ? Node.Constant("k", Tensor.Create<float>(DataType.Float, TensorShape.Of(2), [(float)(3 + (8 * part)), 4])) : node));
        if (isLossy)
            run.Lossy.Add("shifts");
        var result = run.Run(Graph, "shifts", Checked());
        Assert.Equal(passes, result.Failure is null);
    }

    [Fact]
    public void A_step_after_which_the_graph_does_not_run_fails_at_the_node()
    {
        StepFailure failure = run.Failure(Graph, "breaks", Checked());
        Assert.Equal(("TFX4130", "y"), (failure.Diagnostic.Id, failure.Diagnostic.Node));
        Assert.StartsWith("the graph after breaks does not run, the one before it did: ", failure.Diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_did_not_run_before_cannot_be_checked_which_is_a_warning()
    {
        var result = run.Run(Graph.Replace("float[2]{3, 4}", "float[3]{3, 4, 5}", StringComparison.Ordinal), "repairs rename_factor", Checked());
        Assert.Null(result.Failure);
        Diagnostic warning = Assert.Single(result.Steps[0].Diagnostics);
        Assert.Equal((Severity.Warning, "TFX4131", "y"), (warning.Severity, warning.Id, warning.Node));
        Assert.Empty(result.Steps[1].Diagnostics);
    }

    [Fact]
    public void Each_graph_runs_once_and_an_unchanged_one_not_again()
    {
        var counted = new CountingBackend();
        Assert.Null(run.Run(Graph, "rename_factor rounds rename_factor rename_factor", Checked(counted)).Failure);
        Assert.Equal(4, counted.Compilations);
    }

    [Fact]
    public void Without_a_check_nothing_is_compared() => Assert.NotNull(run.Run(Graph, "unary").Graph);

    private static PipelineOptions Checked(IBackend? backend = null) => new()
    {
        OutputNames = ["y", "z"],
        Check = new(backend ?? new CpuBackend(), ["y", "z"], new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["x"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(2), [1, 2]) }),
    };

    private static Node Renamed(Node node) => node.Op switch
    {
        "Const" => node with { Name = node.Name + "_" },
        "Mul" => node with { Inputs = [node.Inputs[0], new(node.Inputs[1].Node + "_")] },
        _ => node,
    };

    private sealed class CountingBackend : IBackend
    {
        private readonly CpuBackend backend = new();

        public int Compilations { get; private set; }

        public bool Supports(string op) => backend.Supports(op);

        public IExecutable Compile(Graph graph, IReadOnlyList<string> outputs, CompileOptions options)
        {
            Compilations++;
            return backend.Compile(graph, outputs, options);
        }
    }
}
