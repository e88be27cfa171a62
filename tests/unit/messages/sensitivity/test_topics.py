"""Which records a message's words are about, in each language the system speaks."""

import pytest

from school_dialer.messages.phrases import languages
from school_dialer.messages.sensitivity.topic_words import VOCABULARIES
from school_dialer.messages.sensitivity.topics import PURPOSE_OF, TOPICS, topics_of

OF_RECORDS = {
	"attendance": (
		"Your child was marked absent.",
		"Ana was not in class today.",
		"{{ student_names }} did not arrive at school this morning.",
		"Your son missed first period.",
		"We recorded 3 unexcused absences this month.",
		"Your daughter has been late to school four times.",
		"Hello. Please call us about your student's attendance.",
		"You skipped class yesterday.",
		"If you wonder why we call: Ana has been absent since Monday.",
		"Su hijo estuvo ausente hoy.",
		"Le informamos que Luis faltó a clases ayer.",
		"Su hija llegó tarde a la escuela.",
		"Tenemos registradas 4 inasistencias.",
		"تغيب ابنكم عن المدرسة اليوم.",
		"ابنتك كانت غائبة اليوم",
		"Con quý vị đã vắng mặt hôm nay.",
		"Học sinh {{ student_names }} đi học muộn.",
		"您的孩子今天缺席。",
		"您的女兒今天沒有到校",
		"{{ student_names }}今天迟到了",
	),
	"fees": (
		"Your account is past due.",
		"You owe $45 for lunch.",
		"Your tuition balance is $300.",
		"Ana's lunch balance is negative.",
		"You have an outstanding balance of 120 USD.",
		"We have not received your payment.",
		"Please pay your child's unpaid fees.",
		"Your payment of $50 is due on Friday.",
		"Usted tiene un saldo pendiente.",
		"Su colegiatura está vencida.",
		"Usted adeuda 300 dólares.",
		"لديكم رسوم مستحقة",
		"رصيدكم غير مدفوع",
		"Học phí của con quý vị đã quá hạn.",
		"Quý vị chưa thanh toán học phí.",
		"您的学费已逾期。",
		"您還有欠款",
		"您的账户余额不足",
	),
	"academic": (
		"Your child is failing math.",
		"Ana's grade in science is a D.",
		"Your son's report card is ready.",
		"{{ student_names }} has three missing assignments.",
		"Luis scored 54 on the final exam.",
		"She received an F in English.",
		"Your student is at risk of repeating the grade.",
		"Your grades have dropped.",
		"Su hija reprobó matemáticas.",
		"Las calificaciones de su hijo bajaron.",
		"Su hijo tiene tareas pendientes.",
		"ابنكم رسب في الرياضيات",
		"درجات ابنتكم منخفضة",
		"Con quý vị bị điểm kém môn Toán.",
		"Bảng điểm của con quý vị",
		"您的孩子数学不及格。",
		"您孩子的成績下降了",
	),
}
OF_NO_RECORD = (
	"",
	"School is closed on Monday.",
	"Picture day is on Friday.",
	"Students in grade 5 go to the museum.",
	"All third-grade families are invited.",
	"Join us for the grade 8 dance, no fees, free pizza.",
	"If your child will be absent tomorrow, please call the office.",
	"To report an absence, call the attendance office.",
	"Please report your child's absence by 9 am.",
	"Attendance at the meeting is optional.",
	"Read about our attendance policy.",
	"Talk to your child about life balance.",
	"We owe our volunteers a big thank you.",
	"The bus is late today.",
	"If you fail to respond, we assume you are coming.",
	"Your child brings home a form on Friday. Please sign it.",
	"Please keep students at home until you hear from us again.",
	"Parent-teacher conferences are next week. Sign up online.",
	"The book fair opens at 8. Books cost $5.",
	"La escuela estará cerrada el lunes.",
	"Si su hijo va a estar ausente, llame a la oficina.",
	"Su asistencia a la reunión es importante.",
	"Hace falta traer agua. Falta poco para la feria.",
	"Los estudiantes de quinto grado van al museo.",
	"المدرسة مغلقة يوم الاثنين",
	"درجة الحرارة مرتفعة اليوم، أحضروا الماء لأطفالكم",
	"Trường đóng cửa vào thứ Hai.",
	"Toàn trường được nghỉ học ngày mai do bão.",
	"Địa điểm: sân trường. Vé miễn phí cho con quý vị.",
	"学校星期一关闭。",
	"欢迎五年级学生的家长参加活动。",
	"如果您的孩子明天缺席，请致电学校。",
)


@pytest.mark.parametrize(
	("topic", "words"), [(topic, words) for topic, many in OF_RECORDS.items() for words in many]
)
def test_words_about_a_record_are_found(topic, words):
	assert topic in topics_of(words)


@pytest.mark.parametrize("words", OF_NO_RECORD)
def test_words_for_everyone_speak_of_no_record(words):
	assert topics_of(words) == frozenset()


def test_the_system_reads_what_it_speaks():
	assert set(VOCABULARIES) == set(languages())
	for code, words in VOCABULARIES.items():
		assert set(words.alone) == set(words.about_child) == TOPICS, code
	assert set(PURPOSE_OF) == TOPICS


def test_a_spelling_without_marks_is_read_where_the_language_is_known():
	assert topics_of("Hoc sinh vang mat hom nay", "vi") == {"attendance"}
	assert topics_of("Hoc sinh vang mat hom nay") == frozenset()


def test_a_message_may_speak_of_several():
	words = "Your child was absent. Your balance is past due.\nSu hija reprobó matemáticas."
	assert topics_of(words, "en") == TOPICS


@pytest.mark.parametrize(
	"hostile", ["\x00" * 50, "your " * 200_000, "{{" * 40_000, "如" * 60_000, "\u202e absent"]
)
def test_any_text_is_read_within_bounds(hostile):
	assert topics_of(hostile) <= TOPICS


def test_case_and_typography_do_not_hide_words():
	assert topics_of("YOUR CHILD WAS ABSENT") == topics_of("your child was ａｂｓｅｎｔ") == {"attendance"}
	assert "academic" in topics_of("Ana’s grades")
