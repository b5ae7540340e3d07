using TransformFramework.Graphs;
using TransformFramework.Structure.ControlFlow;

namespace TransformFramework.Structure.Tests;

public sealed class RaiseControlFlowTests
{
    [Fact]
    public void A_lowered_loop_is_raised_to_one_that_computes_the_same()
    {
        Graph lowered = new TransformTest(new LowerControlFlow(), new LowerControlFlow.Options()) { Outputs = ["y", "count"] }.Apply(GraphText.Parse(LowerControlFlowTests.Loop));
        var test = new TransformTest(new RaiseControlFlow()) { Outputs = ["y", "count"] };
        Graph raised = test.CheckSameResults(GraphText.Print(lowered), 0, ("x", TransformTest.Numbers(2)));
        Assert.Equal(1, test.Context.Statistics["loops raised"]);
        Assert.DoesNotContain(raised.Nodes, node => node.Op is "Enter" or "Exit" or "Switch" or "Merge" or "NextIteration" or "LoopCond");
        Assert.Equal(2, raised.Functions.Functions.Length);
    }

    [Fact]
    public void A_loop_whose_condition_is_read_outside_is_left()
    {
        Graph lowered = new TransformTest(new LowerControlFlow(), new LowerControlFlow.Options()) { Outputs = ["y"] }.Apply(GraphText.Parse(LowerControlFlowTests.Loop));
        Node next = lowered.Nodes.First(node => node.Op == "NextIteration");
        Graph odd = lowered.Select(node => node == next ? node with { Inputs = [.. node.Inputs, NodeInput.Control("x")] } : node.Op == "LoopCond" ? node with { Inputs = [node.Inputs[0], .. node.Inputs[1..]] } : node);
        Node inside = odd.Nodes.First(node => node.Name.Contains("/body/", StringComparison.Ordinal) && node.DataInputs.Any());
        odd = odd.Select(node => node == inside ? node with { Inputs = [.. node.Inputs, NodeInput.Control("half")] } : node);
        var test = new TransformTest(new RaiseControlFlow()) { Outputs = ["y"] };
        Assert.Equal(GraphText.Print(odd).Trim(), test.Run(GraphText.Print(odd)));
        Assert.Equal(1, test.Context.Statistics["loops left"]);
    }
}
