namespace TransformFramework.Onnx.Model;

/// <summary>Versions of ONNX's own operator set that are read and written.</summary>
internal static class Opsets
{
    public const int OldestRead = 1;

    public const int OldestWritten = 13;

    /// <summary>Written unless another one is asked for.</summary>
    public const int Default = 17;

    public const int Latest = 25;

    /// <summary>The version of the file format that an operator set came with.</summary>
    public static int IrVersion(int opset) => opset switch
    {
        < 14 => 7,
        14 => 7,
        < 19 => 8,
        < 21 => 9,
        < 23 => 10,
        23 => 11,
        24 => 12,
        _ => 13,
    };
}
