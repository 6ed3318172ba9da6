namespace TinyAI.ModelPacker.Tests.Zoo;

/// <summary>Which models of the shared zoo the packer is to run.</summary>
internal static class ZooModels
{
    /// <summary>All but the all-float model, hybrid float arithmetic and the signal front end with custom operators.</summary>
    public static readonly string[] Int8 =
    [
        "arduino_magic_wand_stroke", "mlperf_ad_autoencoder", "mlperf_ic_resnet8", "mlperf_kws_dscnn", "mlperf_sww_streaming_wakeword",
        "mlperf_vww_mobilenetv1_96", "mltk_fingerprint_signature", "mltk_magic_wand", "mltk_rock_paper_scissors", "mww_v2_hey_jarvis",
        "mww_v2_hey_mycroft", "mww_v2_okay_nabu", "nanguoyu_magic_wand_imu6", "tflm_dtln_noise_suppression", "tflm_hello_world_int8",
        "tflm_keyword_scrambled_svdf_8bit", "tflm_micro_speech", "tflm_mnist_lstm_int8", "tflm_person_detect", "tinyengine_mcunet_vww",
        "tinyhar_cnn_attention", "tinyhar_cnn_deep", "tinymaix_mbnet96_025_q", "tinymaix_mnist_arduino_q", "tinymaix_mnist_rect_q",
        "tinymaix_mnist_valid_q", "armzoo_dscnn_s_int16x8",
    ];
}
