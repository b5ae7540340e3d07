using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Operators;

/// <summary>Hash tables and variables: <c>HASHTABLE ↔ HashTableV2</c>, <c>HASHTABLE_FIND ↔ LookupTableFindV2</c>, <c>VAR_HANDLE ↔ VarHandleOp</c> and so on, in the order of the file.</summary>
[OperatorConverter("HASHTABLE", "HASHTABLE_FIND", "HASHTABLE_IMPORT", "HASHTABLE_SIZE", "VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE")]
internal sealed class Resources : OperatorConverter
{
    public override void Read(OperatorReader op)
    {
        switch (op.Name)
        {
            case "HASHTABLE":
                op.Output().DefineStored(op.Subgraph.Model.Handle(op.Graph, $"table_{op.Options.Int("table_id")}", name => op.Graph.Add("HashTableV2", [],
                    ("shared_name", name), ("key_dtype", Type(op, "key_dtype")), ("value_dtype", Type(op, "value_dtype")))));
                break;
            case "HASHTABLE_IMPORT":
                op.Graph.AddStateful("LookupTableImportV2", [op.Stored(0), op.Stored(1), op.Stored(2)]);
                break;
            case "HASHTABLE_FIND":
                op.Result(new(op.Graph.AddStateful("LookupTableFindV2", [op.Stored(0), op.Stored(1), op.Stored(2)])));
                break;
            case "HASHTABLE_SIZE":
                op.Result(new(op.Graph.AddStateful("LookupTableSizeV2", [op.Stored(0)])));
                break;
            case "VAR_HANDLE":
                op.Output().DefineStored(op.Subgraph.Model.Handle(op.Graph, $"{op.Options.Text("container")}/{op.Options.Text("shared_name")}", _ => op.Graph.Add("VarHandleOp", [],
                    ("shared_name", op.Options.Text("shared_name")), ("container", op.Options.Text("container")), ("dtype", VariableType(op)), ("shape", TensorShape.Unknown))));
                break;
            case "ASSIGN_VARIABLE":
                op.Graph.AddStateful("AssignVariableOp", [op.Stored(0), op.Stored(1)]);
                break;
            default:
                op.Result(new(op.Graph.AddStateful("ReadVariableOp", [op.Stored(0)], ("dtype", op.Output().Tensor.Type.ToGraph()))));
                break;
        }
    }

    private static DataType Type(OperatorReader op, string option)
    {
        var type = (TensorType)op.Options.Int(option);
        return type.IsKnown() ? type.ToGraph() : throw op.Refusal($"{option} is {(int)type}");
    }

    /// <summary>The type that the operators on the variable of this name read or assign.</summary>
    private static DataType VariableType(OperatorReader op)
    {
        foreach (TfLiteSubgraph graph in op.Subgraph.Model.Model.Subgraphs)
        {
            var handles = graph.Operators.Where(other => other.Schema.Name == "VAR_HANDLE" && other.Options.Text("shared_name") == op.Options.Text("shared_name") && !other.Outputs.IsEmpty).Select(other => other.Outputs[0]).ToHashSet();
            foreach (TfLiteOperator use in graph.Operators.Where(use => !use.Inputs.IsEmpty && handles.Contains(use.Inputs[0])))
            {
                if (use.Schema.Name == "READ_VARIABLE" && !use.Outputs.IsEmpty)
                    return graph.Tensors[use.Outputs[0]].Type.ToGraph();
                if (use.Schema.Name == "ASSIGN_VARIABLE" && use.Inputs.Length > 1 && use.Inputs[1] >= 0)
                    return graph.Tensors[use.Inputs[1]].Type.ToGraph();
            }
        }
        return DataType.Float;
    }
}
