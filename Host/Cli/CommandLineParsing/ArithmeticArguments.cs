using System.CommandLine;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>The options by which a command chooses the arithmetic of float products: <c>--precision</c> and <c>--convolution</c>.</summary>
internal sealed class ArithmeticArguments
{
    private readonly Option<string> precision = new("--precision") { HelpName = "single|bf16", Description = "Numbers that products of floats take; bf16 rounds them to 8 bits of precision and is faster on processors that multiply such numbers. single without it" };
    private readonly Option<string> convolution = new("--convolution") { HelpName = "auto|direct", Description = "direct sums all products of a convolution; auto, as without it, takes Winograd's or Strassen's way where that is faster" };

    /// <summary>The options, which results depend on.</summary>
    public Option[] Options => [precision, convolution];

    /// <summary>Adds the options to a command.</summary>
    public ArithmeticArguments AddTo(Command command)
    {
        command.Options.Add(precision);
        command.Options.Add(convolution);
        return this;
    }

    /// <summary>The backend with the arithmetic that is chosen.</summary>
    public IBackend Backend(CommandContext context)
    {
        FloatPrecision chosen = context.Value(precision) switch
        {
            null or "single" => FloatPrecision.Single,
            "bf16" => FloatPrecision.BFloat16,
            string other => throw CommandException.Usage($"--precision is single or bf16, not '{other}'", "Write --precision=bf16 for products of numbers rounded to bfloat16."),
        };
        bool isDirect = context.Value(convolution) switch
        {
            null or "auto" => false,
            "direct" => true,
            string other => throw CommandException.Usage($"--convolution is auto or direct, not '{other}'", "Write --convolution=direct for sums of all products."),
        };
        IBackend backend = context.Backend;
        return chosen == FloatPrecision.Single && !isDirect ? backend : new ChosenBackend(backend, chosen, isDirect);
    }

    /// <summary>A backend that compiles every graph with the chosen arithmetic.</summary>
    private sealed class ChosenBackend(IBackend backend, FloatPrecision precision, bool isDirect) : IBackend
    {
        public string InstructionSet => backend.InstructionSet;

        public bool Supports(string op) => backend.Supports(op);

        public IExecutable Compile(Graph graph, IReadOnlyList<string> outputs, CompileOptions options) => backend.Compile(graph, outputs, options with { Precision = precision, DirectConvolution = isDirect });

        public IReadOnlyDictionary<string, TensorShape[]> InferShapes(Graph graph, CompileOptions options) => backend.InferShapes(graph, options);
    }
}
