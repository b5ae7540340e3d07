namespace TransformFramework.Onnx.Model;

/// <summary>Versions of ONNX's own operator set that are read and written.</summary>
internal static class Opsets
{
    public const int OldestRead = 1;

    public const int OldestWritten = 13;

    /// <summary>Written unless another one is asked for.</summary>
    public const int Default = 17;

    public const int Latest = 25;

    /// <summary>The domain of ONNX Runtime's own operators.</summary>
    public const string MicrosoftDomain = "com.microsoft";

    /// <summary>The operator set in which QuantizeLinear and DequantizeLinear took 16 bits.</summary>
    public const int FirstOfWideQuantization = 21;

    /// <summary>The operator set that an operator came with, where that is later than the oldest that is written.</summary>
    public static int FirstOf(string op) => op switch
    {
        "HardSwish" or "Trilu" => 14,
        "Bernoulli" or "CastLike" => 15,
        "GridSample" => 16,
        "BlackmanWindow" or "DFT" or "HammingWindow" or "HannWindow" or "LayerNormalization" or "MelWeightMatrix" or "SequenceMap" or "STFT" => 17,
        "BitwiseAnd" or "BitwiseNot" or "BitwiseOr" or "BitwiseXor" or "CenterCropPad" or "Col2Im" or "GroupNormalization" or "Mish" => 18,
        "DeformConv" => 19,
        "AffineGrid" or "Gelu" => 20,
        "Attention" or "RMSNormalization" or "RotaryEmbedding" => 23,
        "Swish" or "TensorScatter" => 24,
        _ => OldestWritten,
    };

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
